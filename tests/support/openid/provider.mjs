// The OpenID provider of the tests: oidc-provider with a log-in form, and with faults on demand.
//
//   node provider.mjs settings.json
//
// settings.json holds issuer, port, clients, people and fault, the name of a file beside it. That file is read
// before each answer; what it says is one of FAULTS, or nothing. SIGHUP makes new keys. "ready" and "rotated" are
// said on standard output.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { issuer, port, clients, people, fault } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const told = () => readFileSync(fault, "utf8").trim();
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");

const KINDS = {
  RS256: ["rsa", { modulusLength: 2048 }],
  PS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};

// What is wrong with an ID token: each changes its claims or its header, or gives another token for it.
const FAULTS = {
  "bad-nonce": ({ claims }) => void (claims.nonce = "of-another-sign-in"),
  "no-nonce": ({ claims }) => void delete claims.nonce,
  "bad-issuer": ({ claims }) => void (claims.iss = "https://elsewhere.example"),
  "bad-audience": ({ claims }) => void (claims.aud = "another-client"),
  "extra-audience": ({ claims }) => void Object.assign(claims, { aud: [claims.aud, "another-client"], azp: "another-client" }),
  expired: ({ claims }) => void Object.assign(claims, { iat: inAnHour() - 10800, exp: inAnHour() - 7200 }),
  future: ({ claims }) => void Object.assign(claims, { iat: inAnHour(), nbf: inAnHour(), exp: inAnHour() + 3600 }),
  "unknown-kid": ({ header }) => void (header.kid = "nobody-knows"),
  "alg-none": ({ claims }) => `${encoded({ alg: "none" })}.${encoded(claims)}.`,
  // When somebody was asked for the password.
  "asked-long-ago": ({ claims }) => void (claims.auth_time = inAnHour() - 7200),
  "never-asked": ({ claims }) => void delete claims.auth_time,
  // Somebody else's name under the signature of this one.
  "bad-signature": ({ header, claims, signature }) => `${encoded(header)}.${encoded({ ...claims, sub: "alice" })}.${signature}`,
  // The public key is no secret.
  "alg-confusion": ({ header, claims, key }) => {
    const pem = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
    const body = `${encoded({ alg: "HS256", kid: header.kid })}.${encoded(claims)}`;
    return `${body}.${createHmac("sha256", pem).update(body).digest("base64url")}`;
  },
};

let keys;
let answer;
let provider;

function begin() {
  keys = Object.entries(KINDS).map(([alg, [type, options]]) => ({
    ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }),
    alg,
    use: "sig",
    kid: randomBytes(8).toString("hex"),
  }));
  provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    scopes: ["openid"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email"], groups: ["groups"] },
    // The claims are in the ID token too, as with most providers.
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: Object.keys(KINDS) },
    pkce: { required: () => true },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    ttl: { IdToken: 300, AccessToken: 600, AuthorizationCode: 60, Session: 3600, Grant: 3600, Interaction: 600 },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = `<!DOCTYPE html><title>Log out</title>${form.replace("</form>", '<input type="hidden" name="logout" value="yes"></form>')}`;
        },
      },
    },
    interactions: { url: (_, interaction) => `/log-in/${interaction.uid}` },
    findAccount: (_, uid) => {
      const person = people.find((one) => one.uid === uid);
      const claims = { sub: uid, name: person?.name, preferred_username: uid, email: person?.mail, groups: person?.groups };
      return person && { accountId: uid, claims: () => claims };
    },
    // Nobody is asked whether a service may know who they are.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) => {
      ctx.body = out;
    },
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error, client) => console.error("logging out of", client.clientId, error));
  answer = provider.callback();
}

function changed(token, name) {
  const [header, claims] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const key = keys.find((one) => one.kid === header.kid);
  const other = FAULTS[name]({ header, claims, key, signature: token.split(".")[2] });
  if (other) return other;
  const body = `${encoded(header)}.${encoded(claims)}`;
  const options = { key: createPrivateKey({ key, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  if (header.alg === "PS256") Object.assign(options, { padding: 6, saltLength: 32 });
  return `${body}.${sign(header.alg === "EdDSA" ? null : "sha256", Buffer.from(body), options).toString("base64url")}`;
}

async function formOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function logIn(request, response) {
  let said = "";
  if (request.method === "POST") {
    const form = await formOf(request);
    if (form.has("cancel")) return provider.interactionFinished(request, response, { error: "access_denied" });
    const fits = (one) => one.may_log_in && one.uid === form.get("username") && one.password === form.get("password");
    const person = people.find(fits);
    if (person) return provider.interactionFinished(request, response, { login: { accountId: person.uid } });
    said = "<p>The name or the password is wrong.</p>";
  }
  await provider.interactionDetails(request, response);
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(
    `<!DOCTYPE html><title>Log in</title>${said}<form method="post"><input name="username"><input type="password" name="password">` +
      '<button>Log in</button></form><form method="post"><button name="cancel" value="yes">Cancel</button></form>',
  );
}

/** Lets `change` have what is answered in JSON before it goes out. */
function changing(response, change) {
  const end = response.end.bind(response);
  response.end = (body, ...rest) => {
    const json = JSON.parse(body);
    change(json);
    const out = JSON.stringify(json);
    if (!response.headersSent) response.setHeader("content-length", Buffer.byteLength(out));
    return end(out, ...rest);
  };
}

const PLACES = { "/token": "token", "/jwks": "jwks", "/me": "userinfo", "/.well-known/openid-configuration": "discovery" };

async function handle(request, response) {
  const path = new URL(request.url, issuer).pathname;
  const [place, name] = [PLACES[path], told()];
  if (place && name === `${place}-hang`) return;
  if (place && name === `${place}-500`) {
    response.statusCode = 500;
    response.end('{"error":"server_error"}');
    return;
  }
  if (place && name === `${place}-html`) {
    response.setHeader("content-type", "text/html");
    response.end("<h1>It works!</h1>");
    return;
  }
  if (path.startsWith("/log-in/")) return await logIn(request, response);
  if (place === "token" && name in FAULTS) {
    changing(response, (json) => {
      if (json.id_token) json.id_token = changed(json.id_token, name);
    });
  }
  if (place === "userinfo" && name === "other-subject") changing(response, (json) => (json.sub = "somebody-else"));
  answer(request, response);
}

begin();
process.on("SIGHUP", () => {
  begin();
  console.log("rotated");
});
createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.statusCode = 400;
    response.end(String(error.message));
  });
}).listen(port, "127.0.0.1", () => console.log("ready"));
