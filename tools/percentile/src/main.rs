//! percentile: print exact, mergeable percentiles of numbers or of the fields of records.
mod decimal; // one sample
mod flags; // what the command line may say
mod groups; // who a sample belongs to
mod moments; // exact sums
mod natural; // numbers of any size
mod pile; // multisets of keys
mod plan; // what the command line comes to
mod rank; // percentiles and their definitions
mod reading; // inputs into groups
mod samples; // the samples of one metric
mod sketch; // counts in logarithmic buckets
mod summary; // what is said of one metric

use std::process::ExitCode;

use filter::{Error, Exit, Filter};
use schema::{Object, Value};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    let plan = plan::Plan::new(&config)?;
    let names: Vec<String> = plan.fields.iter().map(|path| path.dotted().to_owned()).collect();
    let named = names.len();
    let mut groups = groups::Groups::new(names, plan.sketch.then_some(plan.precision));
    let held = reading::read(&plan, &config.files, &mut groups, filter)?;
    groups.fit(plan.max_memory, plan.precision);
    if plan.by.is_empty() {
        groups.place(&[]);
        if held.is_none() && plan.all_fields {
            groups.metric_number("");
        }
    }
    groups.sort(named);
    let bare = held != Some(reading::Held::Records) && !plan.records_only;
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
