//! How often one address may send and look, and who the sender is behind a proxy.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use uuid::Uuid;

use super::writer::WriteError;
use crate::config::Config;

/// Rate limits by address, kept in memory on each node.
pub struct Limits {
    submissions: Option<DefaultKeyedRateLimiter<IpAddr>>,
    pages: Option<DefaultKeyedRateLimiter<IpAddr>>,
    logins: Option<DefaultKeyedRateLimiter<IpAddr>>,
    sign_ins: Option<DefaultKeyedRateLimiter<IpAddr>>,
    mails: Option<DefaultKeyedRateLimiter<IpAddr>>,
    codes: Option<DefaultKeyedRateLimiter<IpAddr>>,
    eager: Option<DefaultKeyedRateLimiter<IpAddr>>,
    codes_of_form: Option<DefaultKeyedRateLimiter<Uuid>>,
    mails_of_form: Option<DefaultKeyedRateLimiter<Uuid>>,
    trusted_proxies: Vec<IpNet>,
    uploads: Arc<Uploads>,
}

/// Who sends files just now.
struct Uploads {
    most: usize,
    most_each: usize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// A place among those who send files, given back with it.
pub struct UploadPlace {
    uploads: Arc<Uploads>,
    address: IpAddr,
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut all = self.uploads.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}

/// What is being limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Sending a form.
    Submissions,
    /// Looking at public pages.
    Pages,
    /// Trying to log in.
    Logins,
    /// Being sent to a provider and coming back, where no password can be guessed; a whole office may share an
    /// address, and a provider has one.
    SignIns,
    /// Trying an access code.
    Codes,
    /// Having a mail sent to an address that nobody has proved.
    Mails,
    /// Sending without a proof of work.
    Unproved,
}

/// Too many; try again after so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Whole seconds, at least one.
    pub retry_after: u64,
}

fn limiter<K: std::hash::Hash + Eq + Clone>(per_minute: u32, burst: u32) -> Option<DefaultKeyedRateLimiter<K>> {
    let per_minute = NonZeroU32::new(per_minute)?;
    let burst = NonZeroU32::new(burst).unwrap_or(per_minute);
    Some(RateLimiter::keyed(Quota::per_minute(per_minute).allow_burst(burst)))
}

impl Limits {
    /// Limits as configured; a limit of 0 is off.
    pub fn new(config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            submissions: limiter(limits.submissions_per_minute, limits.burst),
            pages: limiter(limits.pages_per_minute, limits.pages_per_minute),
            logins: limiter(20, 20),
            sign_ins: limiter(300, 300),
            mails: limiter(1, 6),
            codes: limiter(10, 10),
            // However many addresses somebody has, a form's code and its visitors' mailboxes are guarded.
            codes_of_form: limiter(300, 300),
            mails_of_form: limiter(60, 120),
            eager: limiter(limits.challenge_address_after, limits.challenge_address_after),
            trusted_proxies: config.server.trusted_proxies.clone(),
            uploads: Arc::new(Uploads {
                most: limits.uploads_at_once,
                most_each: limits.uploads_at_once_by_address,
                by_address: Mutex::new(HashMap::new()),
            }),
        }
    }

    /// Counts one more of `what` from the sender of `request`, or refuses.
    pub fn count(&self, what: Limited, request: &HttpRequest) -> Result<(), TooMany> {
        let limiter = match what {
            Limited::Submissions => &self.submissions,
            Limited::Pages => &self.pages,
            Limited::Logins => &self.logins,
            Limited::SignIns => &self.sign_ins,
            Limited::Mails => &self.mails,
            Limited::Codes => &self.codes,
            Limited::Unproved => &self.eager,
        };
        let (Some(limiter), Some(address)) = (limiter, self.address(request)) else { return Ok(()) };
        limiter.check_key(&bucket(address)).map_err(|not_until| {
            let wait = not_until.wait_time_from(limiter.clock().now());
            TooMany { retry_after: wait.as_secs() + 1 }
        })
    }

    /// Counts one more try of `form`'s code, or one more mail on its behalf, from whomever; or
    /// refuses.
    pub fn count_for_form(&self, what: Limited, form: Uuid) -> Result<(), TooMany> {
        let limiter = match what {
            Limited::Codes => &self.codes_of_form,
            Limited::Mails => &self.mails_of_form,
            _ => return Ok(()),
        };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check_key(&form).map_err(|not_until| {
            let wait = not_until.wait_time_from(limiter.clock().now());
            TooMany { retry_after: wait.as_secs() + 1 }
        })
    }

    /// A place for a request with files: there are only so many, and each address has its share.
    pub fn begin_upload(&self, request: &HttpRequest) -> Result<UploadPlace, WriteError> {
        let address = self.address(request).map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), bucket);
        let mut all = self.uploads.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = all.get(&address).copied().unwrap_or(0);
        if mine >= self.uploads.most_each || all.values().sum::<usize>() >= self.uploads.most {
            return Err(WriteError::QueueFull);
        }
        all.insert(address, mine + 1);
        Ok(UploadPlace { uploads: Arc::clone(&self.uploads), address })
    }

    /// How many send files just now.
    pub fn uploading(&self) -> usize {
        self.uploads.by_address.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Forgets addresses that have been quiet for long enough.
    pub fn sweep(&self) {
        for limiter in
            [&self.submissions, &self.pages, &self.logins, &self.sign_ins, &self.mails, &self.codes, &self.eager]
                .into_iter()
                .flatten()
        {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        for limiter in [&self.codes_of_form, &self.mails_of_form].into_iter().flatten() {
            limiter.retain_recent();
        }
    }

    /// Whether the connection comes from this machine or from a trusted proxy.
    pub fn is_near(&self, request: &HttpRequest) -> bool {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        peer.is_some_and(|peer| {
            peer.is_loopback() || self.trusted_proxies.iter().any(|network| network.contains(&peer))
        })
    }

    /// The sender's address. What proxies say counts only when the connection comes from a trusted
    /// one; then it is the last address that is not itself a trusted proxy.
    pub fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        // A proxy may add a line of its own behind one that the sender made up.
        let lines: Vec<&str> =
            request.headers().get_all("x-forwarded-for").map(|value| value.to_str().unwrap_or("unreadable")).collect();
        Some(forwarded(peer, &lines.join(","), &self.trusted_proxies))
    }
}

fn forwarded(peer: IpAddr, header: &str, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let parse =
        |hop: &str| hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|with_port| with_port.ip()));
    if !is_trusted(&peer) {
        return peer;
    }
    let mut last = peer;
    for hop in header.rsplit(',') {
        let Ok(address) = parse(hop.trim()) else { return last };
        last = address.to_canonical();
        if !is_trusted(&last) {
            return last;
        }
    }
    last
}

/// One bucket for an IPv4 address or for an IPv6 /64, which one customer commonly has.
pub fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_can_not_name_another_address() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(forwarded(address("192.0.2.1"), "203.0.113.9", &trusted), address("192.0.2.1"));
    }

    #[test]
    fn behind_proxies_the_last_untrusted_hop_counts() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let header = "198.51.100.7, 203.0.113.9, 10.1.1.1";
        assert_eq!(forwarded(address("10.0.0.2"), header, &trusted), address("203.0.113.9"));
        assert_eq!(forwarded(address("10.0.0.2"), "", &trusted), address("10.0.0.2"));
        assert_eq!(forwarded(address("10.0.0.2"), "junk", &trusted), address("10.0.0.2"));
        assert_eq!(forwarded(address("10.0.0.2"), "1.1.1.1,203.0.113.9:5678", &trusted), address("203.0.113.9"));
        assert_eq!(forwarded(address("10.0.0.2"), "[2001:db8::1]:443", &trusted), address("2001:db8::1"));
    }

    #[test]
    fn one_ipv6_customer_is_one_bucket() {
        assert_eq!(bucket(address("2001:db8:1:2:aaaa::1")), bucket(address("2001:db8:1:2:bbbb::2")));
        assert_ne!(bucket(address("2001:db8:1:2::1")), bucket(address("2001:db8:1:3::1")));
    }
}
