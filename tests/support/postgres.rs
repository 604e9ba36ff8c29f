//! A database of its own on the PostgreSQL server that `make test` starts.

use sea_orm::{ConnectionTrait as _, Database};
use sealwax::ambient::Ambient;
use url::Url;

/// The server's address, with a user who may make databases.
pub fn server() -> Url {
    let address = std::env::var("SEALWAX_TEST_POSTGRES").expect(
        "SEALWAX_TEST_POSTGRES is not set; run the tests with `make test`, or start a server with scripts/postgres.sh",
    );
    address.parse().unwrap()
}

/// The address of a new, empty database.
pub async fn fresh_database() -> String {
    let mut address = server();
    let name = format!("t_{}", sealwax::crypto::hex(&Ambient::system().bytes::<8>()));
    let connection = Database::connect(address.as_str()).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    connection.close().await.unwrap();
    address.set_path(&name);
    address.to_string()
}
