//! The real binary: processes, signals, files, sockets, and client libraries of other languages.

mod check;
mod client_certificates;
mod clients;
mod commands;
mod crash;
mod demo_api;
mod drill;
mod figures;
mod flood;
mod follow;
mod followers;
mod geoip;
mod logout;
mod logs;
mod quickstart;
mod reload;
mod remote;
mod story;
mod tls;
mod vault;
mod webhook;
