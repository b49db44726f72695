//! Pages: the browser's login, its cookies, and the forms.

mod account;
mod assets;
mod console;
mod device;
mod forms;
mod login;
mod logout;
