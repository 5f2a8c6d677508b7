//! percentile: print exact, mergeable percentiles of numbers or of the fields of records.
mod blocks; // inputs in blocks, on threads
mod decimal; // one sample
mod digits; // short numbers in machine words
mod fields; // blocks of records
mod flags; // what the command line may say
mod groups; // who a sample belongs to
mod moments; // exact sums
mod natural; // numbers of any size
mod numbers; // blocks of bare numbers
mod pile; // multisets of keys
mod plan; // what the command line comes to
mod rank; // percentiles and their definitions
mod reading; // inputs into groups
mod report; // what is printed, and the table
mod samples; // the samples of one metric
mod scan; // records that look alike
mod sketch; // counts in logarithmic buckets
mod state; // what merges
mod store; // where workers' groups come together
mod summary; // what is said of one metric

use std::process::ExitCode;

use filter::{Error, Exit, Filter, Records, Require};
use sha2::{Digest, Sha256};

use flags::Config;
use groups::Groups;
use plan::Plan;
use report::Shape;
use state::{Merging, Parameters};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    let plan = plan::Plan::new(&config, filter)?;
    let (mut groups, parameters, sources) = if config.merge {
        merge(&config, &plan, filter)?
    } else {
        let store = store::Store::new(&plan);
        let own_name = filter.options.source_id.clone();
        let mut digest = (config.state && own_name.is_none()).then(Sha256::new);
        let held = reading::read(&plan, &config.files, &store, &mut digest, filter)?;
        let mut groups = store.into_groups()?;
        if plan.by.is_empty() {
            groups.place(&[]);
        }
        if plan.by.is_empty() && held.is_none() && !plan.records_only {
            groups.metric_number("");
        }
        groups.tell_invalid(filter);
        let digested = || digest.map(|digest| format!("sha256:{}", filter::hex(&digest.finalize())));
        (groups, plan.parameters(), own_name.or_else(digested).into_iter().collect())
    };
    groups.sort(plan.fields.len());
    if config.state {
        state::bound(&mut groups, plan.precision);
        for record in state::records(&groups, &parameters, &sources) {
            filter.object(&record)?;
        }
        return Ok(Exit::Yes);
    }
    let bare = parameters.fields.is_none() && groups.names.iter().all(String::is_empty);
    if bare && groups.names.is_empty() {
        filter.note("no numbers", "input", "no field holds a number");
    }
    let shape = if bare { Shape::Bare } else { Shape::Named };
    let names = groups.names.clone();
    let records = report::records(&plan, &parameters.by, &mut groups, &shape);
    report::write(&plan, &parameters.by, &names, &records, filter)?;
    Ok(Exit::Yes)
}

/// Reads states and puts them together.
fn merge(config: &Config, plan: &Plan, filter: &mut Filter) -> Result<(Groups, Parameters, Vec<String>), Error> {
    let mut merging = Merging::default();
    let mut records = Records::new(&config.files, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let place = || format!("{}:{}", record.file, record.line);
        merging.take(&record.value).map_err(|reason| Error::data(place(), reason))?;
        filter.counts.used += 1;
    }
    merging.finish(&config.expected, plan.precision)
}
