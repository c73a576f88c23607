//! Writes the Rust code of the contracts from a compiled descriptor set.
//!
//! `contracts-rust-generator DESCRIPTOR_SET OUT_FOLDER`. A development tool of its own, so that the services
//! compile committed code and carry neither a protobuf compiler nor this crate's dependencies.

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use prost::Message as _;
use prost_types::FileDescriptorSet;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("contracts-rust-generator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(descriptors), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: contracts-rust-generator DESCRIPTOR_SET OUT_FOLDER".into());
    };
    let set = FileDescriptorSet::decode(fs::read(descriptors)?.as_slice())?;
    fs::create_dir_all(&out)?;
    tonic_prost_build::configure().out_dir(out).build_transport(false).compile_fds(set)?;
    Ok(())
}
