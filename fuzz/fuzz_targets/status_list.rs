#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    keywright_fuzz::status_list::run(data);
});
