//! Signing staff in through a CAS 3.0 server: a ticket comes back with the browser and is redeemed
//! over a connection of our own (CAS Protocol 3.0 §2.5, §2.8).

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use url::Url;

use super::fault::Fault;
use super::http::Client;
use super::providers::trimmed;
use super::{Person, SignInError};
use crate::config::CasProvider;

const CAS: &str = "http://www.yale.edu/tp/cas";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Most elements of a reply.
const MOST_ELEMENTS: usize = 5000;
/// Longest ticket, in bytes: a server may make longer ones than the 256 it has to (§3.1.1).
const LONGEST_TICKET: usize = 512;

/// A CAS server as configured.
pub struct Cas {
    settings: CasProvider,
    client: Client,
}

/// Whom a ticket stands for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Success {
    /// The name that CAS itself gives.
    pub user: String,
    /// Name and value of each attribute, in order.
    pub attributes: Vec<(String, String)>,
}

/// Why a reply lets nobody in.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The server refuses the ticket, with its code (§2.5.3).
    Refused(String),
    /// It is not what a CAS server answers.
    Unreadable,
}

impl Cas {
    /// Reads the certificates that the server is verified with.
    pub fn new(settings: CasProvider) -> Result<Self, String> {
        let client = Client::new(settings.ca_file.as_deref(), settings.timeout)?;
        Ok(Self { settings, client })
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, SignInError> {
        let address = Url::parse_with_params(&format!("{}{path}", self.settings.url), query);
        address.map_err(|_| SignInError::Provider(Fault::new("address-unsafe", path)))
    }

    /// Where somebody signs in who wants to come back to `service`; `renew` asks for the password in any
    /// case (§2.1.1).
    pub fn login(&self, service: &str, renew: bool) -> Result<Url, SignInError> {
        let renewed: &[(&str, &str)] = if renew { &[("renew", "true")] } else { &[] };
        self.address("/login", &[&[("service", service)], renewed].concat())
    }

    /// Where a session with the server ends (§2.3), and on to `back`.
    pub fn logout(&self, back: &str) -> Result<Url, SignInError> {
        self.address("/logout", &[("service", back)])
    }

    /// Redeems a ticket that was made for `service`, letter by letter.
    pub async fn redeem(&self, service: &str, ticket: &str, renew: bool) -> Result<Person, SignInError> {
        // A service ticket (§3.1); that of a proxy speaks for somebody who is not here.
        if !ticket.starts_with("ST-") || ticket.len() > LONGEST_TICKET || !ticket.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(SignInError::Refused(Fault::new("refused", "ticket")));
        }
        let renewed: &[(&str, &str)] = if renew { &[("renew", "true")] } else { &[] };
        let query = [&[("service", service), ("ticket", ticket)], renewed].concat();
        let answer = self.client.get(self.address("/p3/serviceValidate", &query)?).await.map_err(SignInError::Away)?;
        let text = answer.text().map_err(SignInError::Provider)?;
        match read_reply(&text) {
            Ok(success) => self.person(success),
            Err(Unfit::Refused(code)) => Err(SignInError::Refused(Fault::new("refused", code))),
            Err(Unfit::Unreadable) => Err(SignInError::Provider(Fault::plain("unreadable"))),
        }
    }

    fn person(&self, success: Success) -> Result<Person, SignInError> {
        let names = &self.settings.attributes;
        let values = |name: &str| -> Vec<String> {
            let all = success.attributes.iter().filter(|(known, _)| known == name).map(|(_, value)| trimmed(value));
            all.filter(|value| !value.is_empty()).map(str::to_owned).collect()
        };
        let one = |name: &str| values(name).into_iter().next();
        let subject = if names.subject == "user" {
            success.user.clone()
        } else {
            match <[String; 1]>::try_from(values(&names.subject)) {
                Ok([subject]) => subject,
                Err(_) => {
                    return Err(SignInError::Provider(Fault::new("attribute-missing", names.subject.as_str())));
                }
            }
        };
        Ok(Person {
            entry: subject.clone(),
            subject,
            name: one(&names.name).unwrap_or_else(|| success.user.clone()),
            email: one(&names.email),
            groups: values(&names.groups),
            login: success.user,
        })
    }

    /// Asks for something that there is not, for who wants to know what is wrong.
    pub async fn probe(&self) -> Result<super::http::Answer, Fault> {
        let query = [("service", "https://nowhere.invalid/"), ("ticket", "ST-nonsense")];
        let address = self.address("/p3/serviceValidate", &query).map_err(|_| Fault::plain("address-unsafe"))?;
        let answer = self.client.get(address).await?;
        if answer.status != 200 {
            return Err(Fault::new("status", answer.status.to_string()));
        }
        match read_reply(&String::from_utf8_lossy(&answer.body)) {
            Err(Unfit::Refused(_)) => Ok(answer),
            _ => Err(Fault::plain("unreadable")),
        }
    }

    /// Until when the server's certificate holds.
    pub async fn certificate_until(&self) -> Result<Option<time::OffsetDateTime>, Fault> {
        let url = Url::parse(&self.settings.url).map_err(|_| Fault::plain("address-unsafe"))?;
        self.client.certificate_until(&url).await
    }
}

/// Where an element is, as names within the namespace that counts.
type Place = Vec<(bool, String)>;

/// Calls `seen` with the place and the text of every element, when it ends. Refuses what no honest server
/// sends: a document type, instructions, other entities than the five, more elements than any reply has.
fn walk(xml: &str, namespace: &str, mut seen: impl FnMut(&Place, &str, bool) -> Option<()>) -> Option<()> {
    let mut reader = NsReader::from_str(xml);
    let mut place: Place = Vec::new();
    let mut texts: Vec<(String, bool)> = Vec::new();
    let (mut elements, mut roots) = (0, 0);
    loop {
        let (resolved, event) = reader.read_resolved_event().ok()?;
        let ours = matches!(resolved, ResolveResult::Bound(Namespace(name)) if name == namespace);
        match event {
            Event::Start(_) | Event::Empty(_) => {
                let (start, empty) = match &event {
                    Event::Start(start) => (start, false),
                    Event::Empty(start) => (start, true),
                    _ => return None,
                };
                elements += 1;
                if place.is_empty() {
                    roots += 1;
                }
                if elements > MOST_ELEMENTS || place.len() > 10 || roots > 1 {
                    return None;
                }
                if let Some((_, nested)) = texts.last_mut() {
                    *nested = true;
                }
                place.push((ours, start.local_name().as_ref().to_owned()));
                texts.push((String::new(), false));
                if empty {
                    seen(&place, "", false)?;
                    place.pop();
                    texts.pop();
                }
            }
            Event::End(_) => {
                let (text, nested) = texts.pop()?;
                seen(&place, &text, nested)?;
                place.pop();
            }
            Event::Text(text) => match texts.last_mut() {
                Some((all, _)) => all.push_str(&text),
                None if text.trim().is_empty() => {}
                None => return None,
            },
            Event::CData(text) => texts.last_mut()?.0.push_str(&text),
            Event::GeneralRef(name) => {
                let c = match &*name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => name.resolve_char_ref().ok()??,
                };
                texts.last_mut()?.0.push(c);
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => return (place.is_empty() && roots == 1).then_some(()),
        }
    }
}

/// What a server answers to a ticket (§2.5.2, appendix A).
pub fn read_reply(xml: &str) -> Result<Success, Unfit> {
    let mut success = Success::default();
    let (mut users, mut verdicts, mut proxied) = (0, 0, false);
    let mut refused = None;
    let walked = walk(xml, CAS, |place, text, nested| {
        let path: Vec<&str> = place.iter().map(|(ours, name)| if *ours { name.as_str() } else { "?" }).collect();
        match path.as_slice() {
            ["serviceResponse", "authenticationSuccess"] => verdicts += 1,
            ["serviceResponse", "authenticationSuccess", "user"] => {
                users += 1;
                // An element within a name: somebody's name was taken for markup.
                if nested {
                    return None;
                }
                trimmed(text).clone_into(&mut success.user);
            }
            ["serviceResponse", "authenticationSuccess", "proxies", ..] => proxied = true,
            ["serviceResponse", "authenticationSuccess", "attributes", _] => {
                if nested {
                    return None;
                }
                let (_, name) = place.last()?;
                success.attributes.push((name.clone(), text.to_owned()));
            }
            ["serviceResponse", "authenticationFailure"] => {
                verdicts += 1;
                refused = Some(String::new());
            }
            ["serviceResponse", ..] => {}
            _ => return None,
        }
        Some(())
    });
    // As servers said it before there was XML (§2.4.2), and as some say it still.
    if xml.trim() == "no" {
        return Err(Unfit::Refused("NO".to_owned()));
    }
    if walked.is_none() || verdicts != 1 {
        return Err(Unfit::Unreadable);
    }
    if refused.is_some() {
        return Err(Unfit::Refused(failure_code(xml)));
    }
    if users != 1 || success.user.is_empty() || proxied {
        return Err(Unfit::Unreadable);
    }
    Ok(success)
}

/// The `code` of a refusal, of letters and underscores.
fn failure_code(xml: &str) -> String {
    let mut reader = NsReader::from_str(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "authenticationFailure" => {
                let code = start.try_get_attribute("code").ok().flatten().map(|one| one.value.into_owned());
                return code.unwrap_or_default().chars().filter(|c| c.is_ascii_uppercase() || *c == '_').collect();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    String::new()
}

/// The ticket whose session the server says is over (appendix C); the message is not signed.
pub fn read_logout(xml: &str) -> Option<String> {
    let mut tickets = Vec::new();
    walk(xml, SAMLP, |place, text, nested| {
        let [(true, root), (true, name)] = place.as_slice() else { return Some(()) };
        if root == "LogoutRequest" && name == "SessionIndex" && !nested {
            tickets.push(text.trim().to_owned());
        }
        Some(())
    })?;
    <[String; 1]>::try_from(tickets).ok().map(|[ticket]| ticket).filter(|ticket| !ticket.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(inside: &str) -> String {
        format!(
            "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>{inside}\
             </cas:authenticationSuccess></cas:serviceResponse>"
        )
    }

    const ALICE: &str = "<cas:user>alice</cas:user><cas:attributes><cas:groups>admins</cas:groups>\
                         <cas:groups>R&amp;D &lt;team&gt;, \"Gr&#xF6;&#xDF;e\"</cas:groups></cas:attributes>";

    #[test]
    fn user_and_attributes_are_read_whole() {
        let read = read_reply(&reply(ALICE)).unwrap();
        assert_eq!(read.user, "alice");
        let groups: Vec<_> = read.attributes.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(groups, ["admins", "R&D <team>, \"Größe\""]);
        // A comment within a name cuts nothing off.
        assert_eq!(read_reply(&reply("<cas:user>ali<!-- -->ce</cas:user>")).unwrap().user, "alice");
    }

    #[test]
    fn what_is_not_one_person_is_nobody() {
        for inside in [
            "",
            "<cas:user></cas:user>",
            "<cas:user> </cas:user>",
            "<cas:user>a</cas:user><cas:user>b</cas:user>",
            "<user>alice</user>",
            "<cas:user>a<b/></cas:user>",
            "<cas:user>a&b;</cas:user>",
            "<cas:user>a</cas:user><cas:proxies><cas:proxy>https://x</cas:proxy></cas:proxies>",
            "<cas:user>a</cas:user><cas:attributes><cas:cn>x<cas:user>root</cas:user></cas:cn></cas:attributes>",
            "<cas:user>a</cas:user></cas:authenticationSuccess><cas:authenticationSuccess><cas:user>b</cas:user>",
        ] {
            assert_eq!(read_reply(&reply(inside)), Err(Unfit::Unreadable), "{inside}");
        }
        for whole in [
            "",
            "<html><body>It works</body></html>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"/>",
            "<serviceResponse><authenticationSuccess><user>alice</user></authenticationSuccess></serviceResponse>",
        ] {
            assert_eq!(read_reply(whole), Err(Unfit::Unreadable), "{whole}");
        }
        let twice = format!("{}{}", reply(ALICE), reply(ALICE));
        assert_eq!(read_reply(&twice), Err(Unfit::Unreadable));
        assert_eq!(read_reply(&reply(ALICE)[..200]), Err(Unfit::Unreadable));
    }

    #[test]
    fn a_refusal_is_told_by_its_code() {
        let refusal = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>\n <cas:authenticationFailure \
                       code=\"INVALID_TICKET\">Ticket ST-1 not recognized</cas:authenticationFailure></cas:serviceResponse>";
        assert_eq!(read_reply(refusal), Err(Unfit::Refused("INVALID_TICKET".to_owned())));
        assert_eq!(read_reply("no\n\n"), Err(Unfit::Refused("NO".to_owned())));
    }

    #[test]
    fn a_logout_names_one_ticket() {
        let request = |inside: &str| {
            format!(
                "<samlp:LogoutRequest xmlns:samlp=\"{SAMLP}\" ID=\"1\" Version=\"2.0\">{inside}</samlp:LogoutRequest>"
            )
        };
        let one = "<samlp:SessionIndex>ST-1-abc</samlp:SessionIndex>";
        assert_eq!(read_logout(&request(one)).as_deref(), Some("ST-1-abc"));
        assert_eq!(read_logout(&request(&one.repeat(2))), None);
        assert_eq!(read_logout(&request("")), None);
        assert_eq!(read_logout("<LogoutRequest><SessionIndex>ST-1</SessionIndex></LogoutRequest>"), None);
    }

    proptest! {
        #[test]
        fn no_reply_is_too_odd(bytes in ".{0,400}", at in 0_usize..400, cut in 0_usize..400) {
            let _ = (read_reply(&bytes), read_logout(&bytes));
            let mut odd: Vec<char> = reply(ALICE).chars().collect();
            let at = at % odd.len();
            odd.splice(at..(at + cut % 20).min(odd.len()), bytes.chars().take(20));
            let odd: String = odd.into_iter().collect();
            let _ = (read_reply(&odd), read_logout(&odd));
        }
    }
}
