# The same scripts a person runs by hand.

# What the README says first.
demo:
    scripts/demo

# Everything that needs only a Rust toolchain.
test:
    scripts/test

# The property loops, whole.
long:
    scripts/test long

# Against installed parts.
real:
    scripts/test real

# Formatting and lints, warnings denied.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Each crate by itself: a workspace build lends features to its neighbours.
alone:
    for toml in shared/*/Cargo.toml tools/*/Cargo.toml; do cargo test --locked --manifest-path "$toml" || exit 1; done

# Everything CI runs.
check:
    .ci/run

# These tools and their peers, side by side.
bench NAME:
    scripts/bench {{NAME}}
