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
mod samples; // the samples of one metric
mod scan; // records that look alike
mod sketch; // counts in logarithmic buckets
mod store; // where workers' groups come together
mod summary; // what is said of one metric

use std::process::ExitCode;

use filter::{Error, Exit, Filter};
use schema::{Object, Value};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    let plan = plan::Plan::new(&config)?;
    let store = store::Store::new(&plan);
    let held = reading::read(&plan, &config.files, &store, filter)?;
    let mut groups = store.into_groups()?;
    if plan.by.is_empty() {
        groups.place(&[]);
        if held.is_none() && plan.all_fields {
            groups.metric_number("");
        }
    }
    groups.sort(plan.fields.len());
    let bare = held != Some(true) && !plan.records_only;
    groups.tell_invalid(filter);
    let names = std::mem::take(&mut groups.names);
    for mut group in std::mem::take(&mut groups.list) {
        let mut object = Object::new();
        for (path, value) in plan.by.iter().zip(group.key) {
            object.insert(path.dotted().to_owned(), value);
        }
        for (name, metric) in names.iter().zip(&mut group.metrics) {
            let missing = group.records - metric.seen - metric.invalid;
            let summary = summary::summary(metric, missing, &plan.asked);
            match (&config.name, bare) {
                (Some(name), true) => object.insert(name.clone(), summary),
                (None, true) => {
                    object = summary;
                    None
                }
                _ => object.insert(name.clone(), Value::Object(summary)),
            };
        }
        filter.object(&object)?;
    }
    Ok(Exit::Yes)
}
