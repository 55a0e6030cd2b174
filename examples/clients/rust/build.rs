fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=../../../proto");
    // protox is a compiler in Rust: protoc need not be installed.
    let files = protox::compile(["taskscheduler/task_scheduler.proto"], ["../../../proto"])?;
    tonic_prost_build::configure().build_server(false).compile_fds(files)?;
    Ok(())
}
