//! What is counted for operators, in the text format of Prometheus. No label holds anything that a
//! visitor or a reviewer wrote.

use actix_web::{HttpResponse, web};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::problem::Problem;
use crate::app::App;

type Labels = Vec<(&'static str, String)>;

/// Every counter.
pub struct Metrics {
    registry: Registry,
    submissions: Family<Labels, Counter>,
    suspicions: Family<Labels, Counter>,
    problems: Family<Labels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sealwax");
        let (submissions, suspicions, problems) = <(Family<_, _>, Family<_, _>, Family<_, _>)>::default();
        registry.register("submissions", "Stored submissions by outcome: accepted or suspect", submissions.clone());
        registry.register("suspicions", "Reasons for which submissions were suspect", suspicions.clone());
        registry.register("problems", "Requests that were refused, by route and reason", problems.clone());
        Self { registry, submissions, suspicions, problems }
    }
}

impl Metrics {
    /// Counts a stored submission with what is suspect about it.
    pub fn stored(&self, suspicions: &[crate::submissions::spam::Suspicion]) {
        let outcome = if suspicions.is_empty() { "accepted" } else { "suspect" };
        self.submissions.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
        for reason in suspicions {
            self.suspicions.get_or_create(&vec![("reason", reason.name().to_owned())]).inc();
        }
    }

    /// Counts a refused request: the route's pattern and the kind of the problem.
    pub fn refused(&self, route: &str, kind: &str) {
        self.problems.get_or_create(&vec![("route", route.to_owned()), ("reason", kind.to_owned())]).inc();
    }
}

/// `GET /metrics`, on a listener of its own.
pub async fn show(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry).map_err(|_| Problem::internal())?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}
