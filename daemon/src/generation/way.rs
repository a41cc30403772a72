//! What becomes of an account's `proxy` and `ca`.

use reissue_config::Account;

use super::build::Builder;
use crate::egress::{Authorities, Login, Proxy, Way};

impl Builder<'_> {
    /// The way out of this host to an account's provider; none with a problem.
    pub(super) fn way(&mut self, account: &str, settings: &Account) -> Option<Way> {
        let before = self.problems.len();
        let way = Way {
            proxy: settings.proxy.as_ref().map(|proxy| Proxy {
                url: proxy.url().to_owned(),
                login: self.login(account, proxy),
            }),
            authorities: settings.ca.as_ref().and_then(|file| {
                let refuse = |why: String| self.problem(&["accounts", account, "ca"], why, None);
                Authorities::read(file).map_err(refuse).ok()
            }),
        };
        (self.problems.len() == before).then_some(way)
    }

    fn login(&mut self, account: &str, proxy: &reissue_config::Proxy) -> Option<Login> {
        let reissue_config::Proxy::Asking(login) = proxy else {
            return None;
        };
        match login.password.resolve(self.credentials) {
            Ok(password) => Some(Login {
                user: login.user.clone(),
                password,
            }),
            Err(why) => {
                let place = ["accounts", account, "proxy", "password"];
                self.problem(&place, why.to_string(), None);
                None
            }
        }
    }
}
