//! Pages: what a person's browser is shown. They work without script, and element ids and field names are an interface
//! (`docs/pages.md`): password managers, tests and scripts go by them.
//!
//! Owns markup, cookies and the rules of navigation: a form is answered with a page, or with 303 and never 307, which would send the
//! password on (RFC 9700 §4.12). Who may do what is decided by the doors and the domain.

mod account;
mod assets;
mod consent;
pub mod console;
pub mod cookie;
mod device;
mod error;
mod fault;
mod form_post;
mod log_in;
mod log_out;
mod page;

pub use account::PasswordForm;
pub use account::{
    change_own_password, end_login, end_session_by_owner, log_out_of_everything, show_account,
    withdraw_own_consent,
};
pub use assets::serve_asset;
pub use consent::{ConsentForm, consent_page, decide_consent};
pub use device::{DeviceDecisionForm, DeviceForm, decide_device, enter_device_code, show_device};
pub use error::as_page;
pub use fault::fault_page;
pub use form_post::form_post_page;
pub use log_in::{LogInForm, log_in_by_form, login_page_for, see_login_for_console, show_login};
pub use log_out::{LogOutForm, answer_logout, confirm_logout, log_out_of_browser};
pub use page::{Html, NoFields, see_login_page, see_other, see_page};
