//! What becomes of the keys `proxy` and `ca`.

use std::path::PathBuf;

use super::build::Builder;
use crate::egress::{Authorities, Login, Proxy, Way, Whose};

impl Builder<'_> {
    /// The way out of this host that the section at `place` describes; none with a problem.
    pub(super) fn way(
        &mut self,
        place: &[&str],
        whose: Whose,
        proxy: Option<&reissue_config::Proxy>,
        ca: Option<&PathBuf>,
    ) -> Option<Way> {
        let before = self.problems.len();
        let way = Way {
            whose,
            proxy: proxy.map(|proxy| Proxy {
                url: proxy.url().to_owned(),
                login: self.login(place, proxy),
            }),
            authorities: ca.and_then(|file| {
                let refuse = |why: String| self.problem(&[place, &["ca"]].concat(), why, None);
                Authorities::read(file).map_err(refuse).ok()
            }),
        };
        (self.problems.len() == before).then_some(way)
    }

    fn login(&mut self, place: &[&str], proxy: &reissue_config::Proxy) -> Option<Login> {
        let reissue_config::Proxy::Asking(login) = proxy else {
            return None;
        };
        match login.password.resolve(self.credentials) {
            Ok(password) => Some(Login {
                user: login.user.clone(),
                password,
            }),
            Err(why) => {
                let place = [place, &["proxy", "password"]].concat();
                self.problem(&place, why.to_string(), None);
                None
            }
        }
    }
}
