//! The real store, with counters on its reads and writes, and plugs that a test can pull.

use std::future::ready;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keywright_domain::access::{Api, Audience, Catalog, Role, RoleName};
use keywright_domain::account::password::PasswordHash;
use keywright_domain::account::{
    Letter, Link, LinkId, LinkPurpose, LoginName, RegisterOutcomes, User, UserStatus,
};
use keywright_domain::audit::{ChainKey, Effects, Entry, Event as AuditEvent, Head};
use keywright_domain::authorize::{
    AuthorizationCode, CodeId, Consent, PushedId, PushedRequest, StoredCode,
};
use keywright_domain::client::dynamic::{DynamicClient, InitialAccess, ReadDocument};
use keywright_domain::client::{Client, ClientId};
use keywright_domain::feed::Event;
use keywright_domain::fleet::Verifier;
use keywright_domain::grant::device::{
    Approval, DeviceCode, DeviceCodeId, DeviceState, Poll, UserCodeId,
};
use keywright_domain::keys::{KeyRecord, ServerKey};
use keywright_domain::ledger::{ClassCount, Entry as LedgerEntry, Recorded, TokenQuery};
use keywright_domain::login::Login;
use keywright_domain::logout::Farewell;
use keywright_domain::openid::Profile;
use keywright_domain::ports::*;
use keywright_domain::secret::Sealed;
use keywright_domain::session::rotation::{Presented, RefreshRules, Rotation};
use keywright_domain::session::{EndReason, Session, Standing};
use keywright_domain::status::{Block, Concern, StatusRef};
use keywright_domain::webhook::{Notice, NoticeId};
use keywright_domain::{InitialAccessId, LoginId, SessionId, Time, Unavailable, UserId};
use keywright_store::Store as RealStore;

pub struct WatchedStore {
    real: RealStore,
    reads: AtomicU64,
    writes: AtomicU64,
    down: AtomicBool,
    full: AtomicBool,
}

impl WatchedStore {
    pub fn new(real: RealStore) -> Self {
        Self {
            real,
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            down: AtomicBool::new(false),
            full: AtomicBool::new(false),
        }
    }

    /// How many reads were asked for so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// How many writes were asked for so far.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// From now on the database does not answer, until it is set up again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// From now on reads are answered and writes are not, until there is room again.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    fn read<'a, T: Send + 'a>(&self, answer: Answer<'a, T>) -> Answer<'a, T> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        refused_if(&self.down, answer)
    }

    fn write<'a, T: Send + 'a>(&self, answer: Answer<'a, T>) -> Answer<'a, T> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        refused_if(&self.full, refused_if(&self.down, answer))
    }
}

fn refused_if<'a, T: Send + 'a>(plug: &AtomicBool, answer: Answer<'a, T>) -> Answer<'a, T> {
    if !plug.load(Ordering::SeqCst) {
        return answer;
    }
    let pulled = Unavailable::new("store", "the test pulled the plug");
    Box::pin(ready(Err(pulled)))
}

/// Hands each method on, counted as a read or as a write.
macro_rules! watched {
    ($a:lifetime; $($port:ident { $($kind:ident $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)+ })+) => {
        $(impl $port for WatchedStore {
            $(fn $name<$a>(&$a self $(, $arg: $of)*) -> Answer<$a, $answer> {
                self.$kind(self.real.$name($($arg),*))
            })+
        })+
    };
}

watched! { 'a;
    Users {
        read by_login(name: &'a LoginName) -> Option<User>;
        read by_id(id: UserId) -> Option<User>;
        read list(page: Page<UserId>) -> Vec<User>;
        read profile(id: UserId) -> Option<Profile>;
        write put_profile(id: UserId, profile: &'a Profile, at: Time, effects: &'a Effects) -> bool;
        write register(user: &'a User, outcomes: &'a RegisterOutcomes) -> Registered;
        write upgrade_password(id: UserId, from: &'a PasswordHash, to: &'a PasswordHash) -> ();
        write change_password(user: &'a User, to: &'a PasswordHash, keep: Option<SessionId>, at: Time, effects: &'a Effects) -> bool;
        read open_link(id: LinkId, purpose: LinkPurpose, now: Time) -> Option<Link>;
        write redeem(link: &'a Link, what: Redeemed<'a>, at: Time, effects: &'a Effects) -> bool;
        write record(effects: &'a Effects) -> ();
        write set_status(id: UserId, status: UserStatus, at: Time, effects: &'a Effects) -> bool;
        write set_roles(id: UserId, roles: &'a [RoleName], at: Time, effects: &'a Effects) -> bool;
        write delete(id: UserId, at: Time, effects: &'a Effects) -> bool;
    }
    Authorizations {
        write issue_code(code: &'a AuthorizationCode, consent: Option<&'a Consent>, effects: &'a Effects) -> bool;
        read code(id: CodeId) -> Option<StoredCode>;
        write redeem_code(code: &'a AuthorizationCode, session: &'a Session, effects: &'a Effects) -> CodeSpent;
        write burn_code(id: CodeId, at: Time) -> ();
        read consent(user: UserId, client: &'a ClientId) -> Option<Consent>;
        read consents_of(user: UserId) -> Vec<ConsentedClient>;
        write withdraw_consent(user: UserId, client: &'a ClientId, at: Time, effects: &'a Effects) -> bool;
    }
    Logins {
        read login(id: LoginId) -> Option<(Login, User)>;
        read logins_of(user: UserId, live_at: Time, limit: u32) -> Vec<Login>;
        write open_login(login: &'a Login, epoch: i64, replaces: Option<LoginId>, effects: &'a Effects) -> bool;
        write keep_login(id: LoginId, idle_until: Time) -> ();
        write end_login(id: LoginId, owner: UserId, at: Time, effects: &'a Effects) -> Option<Vec<Farewell>>;
    }
    Sessions {
        write open(session: &'a Session, epoch: i64, effects: &'a Effects) -> bool;
        read standing(id: SessionId) -> Option<Standing>;
        read sessions(query: &'a SessionQuery) -> Vec<Session>;
        write rotate(presented: &'a Presented, rules: &'a RefreshRules, entries: EntriesOf<'a>, now: Time) -> Rotation;
        write end(id: SessionId, owner: Option<UserId>, reason: EndReason, at: Time, effects: &'a Effects) -> bool;
        write end_each(sessions: &'a [(SessionId, AuditEvent)], reason: EndReason, at: Time) -> u64;
        write end_all(user: UserId, keep: Option<SessionId>, reason: EndReason, at: Time, effects: &'a Effects) -> u64;
    }
    Clients {
        read client(id: &'a ClientId) -> Option<Client>;
        read clients(page: Page<ClientId>) -> Vec<Client>;
        write insert_client(client: &'a Client, effects: &'a Effects) -> Inserted;
        write update_client(client: &'a Client, fresh: StatusRef, at: Time, effects: &'a Effects) -> bool;
        write revoke_own_tokens(id: &'a ClientId, fresh: StatusRef, at: Time, effects: &'a Effects) -> bool;
        write delete_client(id: &'a ClientId, at: Time, effects: &'a Effects) -> bool;
    }
    Devices {
        write insert_device_code(code: &'a DeviceCode) -> Inserted;
        write poll_device(id: DeviceCodeId, client: &'a ClientId, now: Time) -> Option<(DeviceCode, Poll)>;
        read waiting_device(code: UserCodeId, now: Time) -> Option<DeviceCode>;
        write decide_device(id: DeviceCodeId, state: &'a DeviceState, now: Time, effects: &'a Effects) -> bool;
        write redeem_device(id: DeviceCodeId, session: &'a Session, approval: &'a Approval, effects: &'a Effects) -> bool;
    }
    DynamicClients {
        write register_client(client: &'a Client, registered: &'a DynamicClient, admission: Option<InitialAccessId>, effects: &'a Effects) -> ClientAdded;
        read dynamic_client(id: &'a ClientId) -> Option<(DynamicClient, Client)>;
        write keep_document(read: &'a ReadDocument, effects: &'a Effects) -> bool;
        write note_used_clients(now: Time) -> ();
        read unused_clients(before: Time, limit: u32) -> Vec<ClientId>;
        write grant_initial_access(access: &'a InitialAccess, effects: &'a Effects) -> ();
        read initial_access(id: InitialAccessId, now: Time) -> Option<InitialAccess>;
        read initial_accesses(now: Time) -> Vec<InitialAccess>;
        write revoke_initial_access(id: InitialAccessId, effects: &'a Effects) -> bool;
    }
    Assertions {
        write use_assertion(name: [u8; 16], until: Time) -> bool;
        write forget_assertions(before: Time, limit: u32) -> u64;
    }
    PushedRequests {
        write push(request: &'a PushedRequest) -> ();
        read pushed(id: PushedId) -> Option<PushedRequest>;
        write take_pushed(id: PushedId) -> bool;
        write forget_pushed(before: Time, limit: u32) -> u64;
    }
    Catalogs {
        read catalog() -> Catalog;
        write put_api(api: &'a Api, effects: &'a Effects) -> ();
        write delete_api(audience: &'a Audience, effects: &'a Effects) -> bool;
        write put_role(role: &'a Role, effects: &'a Effects) -> ();
        write delete_role(name: &'a RoleName, effects: &'a Effects) -> Option<Vec<UserId>>;
    }
    Keys {
        read signing_keys() -> KeysRead;
        write change_keys(version: i64, changed: &'a [KeyRecord], effects: &'a Effects) -> bool;
        read server_keys() -> Vec<ServerKey>;
        write add_server_key(key: &'a ServerKey) -> ();
        write reseal_server_key(key: &'a ServerKey, sealed: &'a Sealed) -> ();
    }
    Ledger {
        write record_token(entry: &'a LedgerEntry) -> ();
        write record_token_at(entry: &'a LedgerEntry, catalog: i64) -> bool;
        read tokens(query: &'a TokenQuery) -> Vec<Recorded>;
        read count_tokens(query: &'a TokenQuery) -> Vec<ClassCount>;
        write purge_tokens(before: Time, bite: u32) -> u64;
    }
    Fleet {
        read verifier(client: &'a ClientId, instance: &'a str) -> Option<Verifier>;
        write put_verifier(verifier: &'a Verifier, effects: &'a Effects) -> ();
        read verifiers(since: Time) -> Vec<Verifier>;
        write forget_verifiers(before: Time) -> u64;
    }
    StatusLists {
        write take_block(now: Time) -> Block;
        read read_status() -> StatusRead;
        write give_client_entry(id: &'a ClientId, entry: StatusRef) -> Option<Client>;
        write mark_stale(concern: &'a Concern, after: Option<SessionId>, limit: u32, at: Time) -> Option<SessionId>;
        write forget_status(now: Time, limit: u32) -> u64;
    }
    Outbox {
        write due_letters(now: Time, retry_at: Time, limit: u32) -> Vec<Letter>;
        write letter_sent(id: [u8; 16]) -> ();
    }
    Upkeep {
        read versions() -> Versions;
        write purge(before: Time, limit: u32) -> u64;
    }
}

impl AuditLog for WatchedStore {
    fn arm(&self, key: ChainKey) {
        self.real.arm(key);
    }

    fn heads(&self) -> Answer<'_, Vec<Head>> {
        self.read(self.real.heads())
    }

    fn chains(&self) -> Answer<'_, Vec<String>> {
        self.read(self.real.chains())
    }

    fn entries<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<Entry>> {
        self.read(self.real.entries(query))
    }

    fn newest(&self, limit: u32) -> Answer<'_, Vec<Entry>> {
        self.read(self.real.newest(limit))
    }
}

impl Notices for WatchedStore {
    fn queue_notices(&self, wanted: bool) {
        self.real.queue_notices(wanted);
    }

    fn due_notices(
        &self,
        now: Time,
        hidden_until: Time,
        limit: u32,
        webhook: bool,
    ) -> Answer<'_, Vec<Notice>> {
        self.write(self.real.due_notices(now, hidden_until, limit, webhook))
    }

    fn postpone_notice(&self, id: NoticeId, until: Time) -> Answer<'_, ()> {
        self.write(self.real.postpone_notice(id, until))
    }

    fn postpone_client<'a>(
        &'a self,
        client: &'a ClientId,
        now: Time,
        until: Time,
    ) -> Answer<'a, ()> {
        self.write(self.real.postpone_client(client, now, until))
    }

    fn count_farewells(&self) -> Answer<'_, u64> {
        self.read(self.real.count_farewells())
    }

    fn forget_notice(&self, id: NoticeId) -> Answer<'_, ()> {
        self.write(self.real.forget_notice(id))
    }
}

impl Feed for WatchedStore {
    fn feed_head(&self) -> Answer<'_, FeedHead> {
        self.read(self.real.feed_head())
    }

    fn events_after(&self, position: u64, limit: u32) -> Answer<'_, Vec<(u64, Event)>> {
        self.read(self.real.events_after(position, limit))
    }

    fn on_event(&self, notify: Box<dyn Fn() + Send + Sync>) {
        self.real.on_event(notify);
    }
}
