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

# A crate's tests and its cases: the inner loop.
t TOOL *ARGS:
    cargo test --locked -p {{TOOL}} {{ARGS}}

# The cases of a tool whose names have NAME in them.
case TOOL NAME:
    CASE={{NAME}} cargo test --locked -p {{TOOL}} --test cases

# Rewrites what the cases of a tool expect by what it prints now; look at the difference before you commit it.
bless TOOL:
    BLESS=1 cargo test --locked -p {{TOOL}} --test cases -- cases
    git diff --stat testdata/{{TOOL}}

# One of the targets in shared/expr/fuzz, for ten minutes (needs cargo-fuzz and a nightly toolchain).
fuzz TARGET:
    cd shared/expr && cargo fuzz run {{TARGET}} -- -max_total_time=600

# The pages of the crates, private items too.
doc:
    cargo doc --workspace --no-deps --locked --document-private-items

# The ten slowest tests.
slow:
    scripts/test --slow

# Against what is built by cargo, needs Java or takes minutes to install.
outside:
    scripts/test outside

# Faults, kills and flips, in full counts.
deep:
    scripts/test deep

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
