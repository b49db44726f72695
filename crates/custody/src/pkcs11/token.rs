//! One token, and how to go on when it forgets us.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use keywright_domain::secret::PlainSecret;

use super::Pkcs11Settings;
use super::error::Pkcs11Error;
use super::module::Module;
use super::pool::Pool;
use super::session::Session;
use super::standing::Standing;
use crate::contact::now;

pub(super) struct Token {
    module: Arc<Module>,
    /// Its label or serial number.
    name: String,
    pin: Mutex<PlainSecret>,
    pool: Pool,
    standing: Mutex<Standing>,
    mechanisms: Vec<MechanismType>,
}

impl Token {
    /// Finds the token, logs in, and reads what it can do.
    pub fn open(settings: Pkcs11Settings) -> Result<Self, Pkcs11Error> {
        let module = Module::load(&settings.module)?;
        let mut token = Self {
            module,
            name: settings.token,
            pin: Mutex::new(settings.pin),
            pool: Pool::new(settings.sessions.max(1)),
            standing: Mutex::new(Standing::answered(now())),
            mechanisms: Vec::new(),
        };
        // Nothing is insisted on yet: what is not there at the start was never lost.
        token.attempt(&|session: &mut Session| session.check())?;
        token.mechanisms = {
            let _calling = token.module.calling();
            token.module.library.get_mechanism_list(token.slot()?)?
        };
        Ok(token)
    }

    pub fn has(&self, mechanism: MechanismType) -> bool {
        self.mechanisms.contains(&mechanism)
    }

    /// Does `work` in a session. If the session turns out to be lost, once more in a new one, and once more after the module was
    /// initialised anew.
    pub fn with<T>(
        &self,
        work: impl Fn(&mut Session) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        self.standing().admit(now())?;
        let _seat = self.pool.seat()?;
        let outcome = self.insist(&work);
        self.standing().note(&outcome, now());
        outcome
    }

    /// Whether it answers now, or did a moment ago.
    pub fn check(&self) -> Result<(), Pkcs11Error> {
        if self.standing().is_news(now()) {
            return Ok(());
        }
        self.with(|session| session.check())
    }

    /// Logs in with this PIN from now on. While another is in use the token takes any PIN without looking, so everybody waits and it is
    /// asked anew; if it refuses, the one before goes on.
    pub fn take_pin(&self, pin: PlainSecret) -> Result<(), Pkcs11Error> {
        if *self.pin() == pin && !self.standing().refuses() {
            return self.with(|session| session.check());
        }
        let epoch = self.module.alone();
        self.pool.clear(epoch.number);
        let was_refused = self.standing().refuses();
        let before = std::mem::replace(&mut *self.pin(), pin);
        let outcome = self.log_in_anew(epoch.number);
        if outcome.is_err() && !was_refused {
            *self.pin() = before;
            // What comes of it is noted, and told by the next signature; what is told here is the new PIN's fate.
            let _ = self.log_in_anew(epoch.number);
        }
        outcome
    }

    fn log_in_anew(&self, epoch: u64) -> Result<(), Pkcs11Error> {
        *self.standing() = Standing::answered(now());
        let outcome = self.replace_login(epoch);
        self.standing().note(&outcome, now());
        outcome
    }

    fn replace_login(&self, epoch: u64) -> Result<(), Pkcs11Error> {
        let raw = self.module.library.open_rw_session_no_drop(self.slot()?)?;
        // Another custody of this process may have the token open, which is a login too.
        let _ = raw.logout();
        let session = Session::new(raw, epoch);
        self.pool.put(self.logged_in(session)?);
        Ok(())
    }

    fn insist<T>(
        &self,
        work: &impl Fn(&mut Session) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        let first = self.attempt(work);
        if !is_gone(&first) {
            return first;
        }
        let seen = self.forget_sessions();
        let second = self.attempt(work);
        if !is_gone(&second) {
            return second;
        }
        self.module
            .restart(seen)
            .map_err(Pkcs11Error::before_a_session)?;
        self.attempt(work)
    }

    fn attempt<T>(
        &self,
        work: &impl Fn(&mut Session) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        let epoch = self.module.calling();
        let mut session = match self.pool.take(epoch.number) {
            Some(idle) => idle,
            None => self.new_session(epoch.number)?,
        };
        match work(&mut session) {
            Ok(done) => {
                self.pool.put(session);
                Ok(done)
            }
            Err(error) => {
                let error = session.diagnose(error);
                // Whatever was begun in it is not known to have ended.
                session.close();
                Err(error)
            }
        }
    }

    fn logged_in(&self, session: Session) -> Result<Session, Pkcs11Error> {
        // One at a time: several callers at once would use up the tries of a PIN that has become wrong.
        let pin = self.pin();
        let outcome = match self.standing().admit_login() {
            Ok(()) => session.log_in(&AuthPin::new(pin.expose().into())),
            Err(refused) => {
                session.close();
                return Err(refused);
            }
        };
        match outcome {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => {
                session.close();
                let refused = Err(error.into());
                self.standing().note(&refused, now());
                refused
            }
        }
    }

    fn forget_sessions(&self) -> u64 {
        let epoch = self.module.calling();
        self.pool.clear(epoch.number);
        epoch.number
    }

    fn new_session(&self, epoch: u64) -> Result<Session, Pkcs11Error> {
        let opened = self.slot().and_then(|slot| {
            let raw = self.module.library.open_rw_session_no_drop(slot)?;
            self.logged_in(Session::new(raw, epoch))
        });
        opened.map_err(Pkcs11Error::before_a_session)
    }

    /// Where the token is now: slots are numbered anew when a module starts.
    fn slot(&self) -> Result<Slot, Pkcs11Error> {
        let library = &self.module.library;
        let (mut named, mut others, mut broken) = (Vec::new(), Vec::new(), None);
        for slot in library.get_slots_with_token()? {
            match library.get_token_info(slot) {
                Err(error) => broken = Some(error),
                Ok(token) if !token.token_initialized() => {}
                Ok(token) if token.serial_number() == self.name || token.label() == self.name => {
                    named.push(slot);
                }
                Ok(token) => others.push(format!("`{}`", token.label())),
            }
        }
        match (&named[..], broken) {
            ([slot], _) => Ok(*slot),
            ([], Some(error)) => Err(error.into()),
            ([], None) => Err(Pkcs11Error::NoToken {
                wanted: self.name.clone(),
                found: match others.is_empty() {
                    true => "none".to_owned(),
                    false => others.join(", "),
                },
            }),
            ([..], _) => Err(Pkcs11Error::Ambiguous {
                wanted: self.name.clone(),
                count: named.len(),
            }),
        }
    }

    fn pin(&self) -> MutexGuard<'_, PlainSecret> {
        self.pin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_gone<T>(outcome: &Result<T, Pkcs11Error>) -> bool {
    matches!(
        outcome,
        Err(Pkcs11Error::Lost(_) | Pkcs11Error::NoToken { .. })
    )
}
