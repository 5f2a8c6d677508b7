//! `kubectl get pods -o json`: pods counted by the workload that owns them.
//!
//! A pod that Succeeded is completed, not un-ready, where it may end (a finished Job does not block); one that must run
//! (`restartPolicy: Always`, or an owner that always restarts) is not ready then. A pod that Failed, or that is going
//! away, is not ready, unless it is a leftover: all others of its workload are ready, and there are some.

use std::collections::{BTreeSet, HashMap, HashSet};

use schema::{Code, Object, Value};

use crate::facts::{Builder, Content, Doubt, Facts, float};

/// The letters of the hashes that Kubernetes puts at the end of names (no vowels, nothing that looks like another).
const HASH_LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Whether a document is a list of pods, or one pod.
pub fn fits(document: &Value<'_>) -> bool {
    match document.get("kind").and_then(Value::as_text) {
        Some("PodList" | "Pod") => true,
        Some("List") => {
            let items = document.get("items").and_then(Value::as_list);
            items.is_some_and(|items| items.is_empty() || items.iter().any(is_pod))
        }
        _ => false,
    }
}

fn is_pod(item: &Value<'_>) -> bool {
    // Items of a PodList may come without their kind.
    item.get("kind").map_or(item.get("status").is_some(), |kind| kind.as_text() == Some("Pod"))
}

#[derive(Default)]
struct Workload {
    namespace: String,
    kind: String,
    name: String,
    total: u64,
    ready: u64,
    not_ready: u64,
    completed: u64,
    failed: u64,
    evicted: u64,
    crash_looping: u64,
    /// Killed for its memory, now or before its last restart.
    oom_killed: u64,
    image_pull_back_off: u64,
    terminating: u64,
    /// Not ready for having failed or going away: leftovers, where all others are ready.
    replaced: u64,
    restarts: u64,
    /// A pod that runs but does not say how often it was restarted.
    untold: Option<String>,
    /// A pod that is in the list twice.
    twice: Option<String>,
}

/// Reads a list of pods: `{"gateway":{"total":3,"ready":2,…}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "pods", ..Facts::default() };
    let single = std::slice::from_ref(document);
    let items = document.get("items").map_or(single, |items| items.as_list().unwrap_or_default());
    let mut workloads: Vec<Workload> = Vec::new();
    let mut places = HashMap::new();
    let mut seen = HashSet::new();
    for pod in items.iter().filter(|item| is_pod(item)) {
        let (namespace, kind, name) = owner(pod);
        let key = (namespace.clone(), kind.clone(), name.clone());
        let place = *places.entry(key).or_insert_with(|| {
            workloads.push(Workload { namespace, kind, name, ..Workload::default() });
            workloads.len() - 1
        });
        count(pod, &mut workloads[place]);
        let said = |key| pod.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_text);
        if let Some(name) = said("name")
            && !seen.insert((said("namespace"), name))
        {
            workloads[place].twice = Some(name.to_owned());
        }
    }
    if workloads.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "the list has no pods"));
    }
    let metadata = document.get("metadata");
    let more = metadata.and_then(|metadata| metadata.get("continue")).and_then(Value::as_text).unwrap_or_default();
    let left = metadata.and_then(|metadata| float(metadata, "remainingItemCount")).unwrap_or(0.0);
    if !more.is_empty() || left > 0.0 {
        facts.doubts.push(Doubt::new(&[], Code::MissingSource, "the list is one page of several"));
    }
    let names = names(&workloads);
    let mut report = Builder::default();
    for (workload, name) in workloads.iter().zip(names) {
        if let Some(pod) = &workload.untold {
            let detail = format!("{pod} runs, but has no containerStatuses");
            facts.doubts.push(Doubt::new(&[&name, "restarts"], Code::Missing, detail));
        }
        if let Some(pod) = &workload.twice {
            let detail = format!("{pod} is in the list twice: of two lists that were put together");
            facts.doubts.push(Doubt::new(&[&name], Code::Ambiguous, detail));
        }
        report.put(name, workload.report());
    }
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

impl Workload {
    fn report(&self) -> Object<'static> {
        let restarts = if self.untold.is_some() { Value::Null } else { self.restarts.into() };
        let healthy = self.ready > 0 && self.not_ready == self.replaced;
        let leftover = if healthy { self.replaced } else { 0 };
        [
            ("kind", Value::from(self.kind.clone())),
            ("total", (self.total - leftover).into()),
            ("ready", self.ready.into()),
            ("not_ready", (self.not_ready - leftover).into()),
            ("completed", self.completed.into()),
            ("failed", self.failed.into()),
            ("evicted", self.evicted.into()),
            ("terminating", self.terminating.into()),
            ("leftover", leftover.into()),
            ("crash_looping", self.crash_looping.into()),
            ("image_pull_back_off", self.image_pull_back_off.into()),
            ("oom_killed", self.oom_killed.into()),
            ("restarts", restarts),
        ]
        .into_iter()
        .collect()
    }
}

fn count(pod: &Value<'_>, workload: &mut Workload) {
    let empty = Value::Null;
    let status = pod.get("status").unwrap_or(&empty);
    let phase = status.get("phase").and_then(Value::as_text).unwrap_or_default();
    let lists = ["initContainerStatuses", "containerStatuses"].map(|key| status.get(key).and_then(Value::as_list));
    let containers: Vec<&Value<'_>> = lists.iter().flatten().copied().flatten().collect();
    workload.total += 1;
    let leaving = pod.get("metadata").is_some_and(|metadata| metadata.get("deletionTimestamp").is_some());
    let ready = phase == "Running" && condition(status, "Ready") && !leaving;
    workload.terminating += u64::from(leaving);
    workload.completed += u64::from(phase == "Succeeded");
    match phase {
        "Succeeded" if !must_run(pod, &workload.kind) => {}
        _ if ready => workload.ready += 1,
        _ => {
            workload.not_ready += 1;
            workload.replaced += u64::from(leaving || phase == "Failed");
        }
    }
    if phase == "Failed" {
        workload.failed += 1;
        workload.evicted += u64::from(status.get("reason").and_then(Value::as_text) == Some("Evicted"));
    }
    let reason = |container: &Value<'_>, state: &str, kind: &str, wanted: &[&str]| {
        let found = container.get(state).and_then(|state| state.get(kind)).and_then(|kind| kind.get("reason"));
        found.and_then(Value::as_text).is_some_and(|reason| wanted.contains(&reason))
    };
    let any = |test: &dyn Fn(&Value<'_>) -> bool| u64::from(containers.iter().any(|container| test(container)));
    workload.crash_looping += any(&|container| reason(container, "state", "waiting", &["CrashLoopBackOff"]));
    let pulling = ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"];
    workload.image_pull_back_off += any(&|container| reason(container, "state", "waiting", &pulling));
    workload.oom_killed += any(&|container| {
        ["state", "lastState"].iter().any(|state| reason(container, state, "terminated", &["OOMKilled"]))
    });
    let mut told = phase != "Running" || lists[1].is_some_and(|list| !list.is_empty());
    for container in &containers {
        match container.get("restartCount").and_then(Value::as_number).and_then(|count| count.as_u64()) {
            Some(restarts) => workload.restarts = workload.restarts.saturating_add(restarts),
            None => told = false,
        }
    }
    if !told {
        let name = pod.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_text);
        workload.untold = Some(name.unwrap_or("a pod").to_owned());
    }
}

/// Whether a pod is one that has to run: by its own policy, else by what owns it.
fn must_run(pod: &Value<'_>, owner: &str) -> bool {
    match pod.get("spec").and_then(|spec| spec.get("restartPolicy")).and_then(Value::as_text) {
        Some(policy) => policy == "Always",
        None => ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Rollout"]
            .contains(&owner),
    }
}

fn condition(status: &Value<'_>, wanted: &str) -> bool {
    let conditions = status.get("conditions").and_then(Value::as_list).unwrap_or_default();
    let text = |condition: &Value<'_>, key: &str| condition.get(key).and_then(Value::as_text).map(str::to_owned);
    conditions.iter().any(|condition| {
        text(condition, "type").as_deref() == Some(wanted) && text(condition, "status").as_deref() == Some("True")
    })
}

/// Namespace, kind and name of the workload a pod belongs to.
fn owner(pod: &Value<'_>) -> (String, String, String) {
    let empty = Value::Null;
    let metadata = pod.get("metadata").unwrap_or(&empty);
    let text = |value: &Value<'_>, key: &str| value.get(key).and_then(Value::as_text).map(str::to_owned);
    let namespace = text(metadata, "namespace").unwrap_or_default();
    let labels = metadata.get("labels").unwrap_or(&empty);
    let owners = metadata.get("ownerReferences").and_then(Value::as_list).unwrap_or_default();
    let controls = |owner: &&Value<'_>| owner.get("controller") == Some(&Value::Bool(true));
    if let Some(owner) = owners.iter().find(controls).or(owners.first()) {
        let (kind, name) = (text(owner, "kind").unwrap_or_default(), text(owner, "name").unwrap_or_default());
        // The pods of a node's own (kube-apiserver …) have their node for an owner, which says nothing of them.
        if kind != "Node" && !kind.is_empty() && !name.is_empty() {
            let rollout = text(labels, "rollouts-pod-template-hash");
            let hash = text(labels, "pod-template-hash").or_else(|| rollout.clone());
            return match kind.as_str() {
                "ReplicaSet" if rollout.is_some() => match without_hash(&name, hash.as_deref()) {
                    Some(name) => (namespace, "Rollout".to_owned(), name.to_owned()),
                    None => (namespace, kind, name),
                },
                "ReplicaSet" => match without_hash(&name, hash.as_deref()) {
                    Some(deployment) => (namespace, "Deployment".to_owned(), deployment.to_owned()),
                    None => (namespace, kind, name),
                },
                "Job" => match without_minute(&name) {
                    Some(cron_job) => (namespace, "CronJob".to_owned(), cron_job.to_owned()),
                    None => (namespace, kind, name),
                },
                _ => (namespace, kind, name),
            };
        }
    }
    let label = ["app.kubernetes.io/name", "app", "k8s-app"].into_iter().find_map(|key| text(labels, key));
    let name = label.or_else(|| text(metadata, "name")).unwrap_or_default();
    (namespace, "Pod".to_owned(), name)
}

fn without_hash<'a>(name: &'a str, hash: Option<&str>) -> Option<&'a str> {
    let (deployment, last) = name.rsplit_once('-')?;
    let is_hash = match hash {
        Some(hash) => last == hash,
        None => (6..=10).contains(&last.len()) && last.chars().all(|letter| HASH_LETTERS.contains(letter)),
    };
    (is_hash && !deployment.is_empty()).then_some(deployment)
}

/// A CronJob names its Jobs after the minute they were due: eight digits since 1970.
fn without_minute(name: &str) -> Option<&str> {
    let (cron_job, minute) = name.rsplit_once('-')?;
    (minute.len() >= 8 && minute.bytes().all(|byte| byte.is_ascii_digit())).then_some(cron_job)
}

/// Each workload's name; with its namespace where there are several, with its kind where two kinds share one.
fn names(workloads: &[Workload]) -> Vec<String> {
    let namespaces: BTreeSet<&str> = workloads.iter().map(|workload| workload.namespace.as_str()).collect();
    let mut kinds: HashMap<(&str, &str), u64> = HashMap::new();
    for workload in workloads {
        *kinds.entry((&workload.namespace, &workload.name)).or_default() += 1;
    }
    let name = |workload: &Workload| {
        let mut name = workload.name.clone();
        if kinds.get(&(workload.namespace.as_str(), workload.name.as_str())).is_some_and(|&kinds| kinds > 1) {
            name = format!("{}/{name}", workload.kind.to_lowercase());
        }
        if namespaces.len() > 1 {
            name = format!("{}/{name}", workload.namespace);
        }
        name
    };
    workloads.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn pod(name: &str, owner: (&str, &str), status: &str) -> String {
        let references = match owner.0 {
            "" => String::new(),
            kind => format!(
                r#","ownerReferences":[{{"apiVersion":"apps/v1","controller":true,"kind":"{kind}","name":"{}"}}]"#,
                owner.1
            ),
        };
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"prod","labels":{{"app":"x"}}{references}}},"status":{status}}}"#
        )
    }

    fn running(ready: bool, restarts: u32, waiting: &str) -> String {
        let state = match waiting {
            "" => r#"{"running":{"startedAt":"2026-03-05T20:00:00Z"}}"#.to_owned(),
            reason => format!(r#"{{"waiting":{{"reason":"{reason}"}}}}"#),
        };
        let condition = if ready { "True" } else { "False" };
        format!(
            r#"{{"phase":"Running","conditions":[{{"type":"PodScheduled","status":"True"}},{{"type":"Ready","status":"{condition}"}}],"containerStatuses":[{{"name":"main","ready":{ready},"restartCount":{restarts},"state":{state}}}]}}"#
        )
    }

    fn list(pods: &[String]) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"List","metadata":{{"resourceVersion":""}},"items":[{}]}}"#,
            pods.join(",")
        )
    }

    fn numbers(text: &str) -> Vec<String> {
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        let Content::One(Value::Object(report)) = &facts.content else { panic!() };
        let line = |(name, workload): (&str, &Value<'_>)| {
            let count =
                |key: &str| workload.get(key).and_then(Value::as_number).map_or("?", |count| count.as_str()).to_owned();
            let keys = ["total", "ready", "not_ready", "completed", "failed", "evicted", "crash_looping", "restarts"];
            format!("{name} {}", keys.map(count).join(" "))
        };
        report.iter().map(line).collect()
    }

    #[test]
    fn a_namespace_with_all_that_happens() {
        let evicted = r#"{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}"#;
        let succeeded = r#"{"phase":"Succeeded","containerStatuses":[{"name":"main","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}],"conditions":[{"type":"Ready","status":"False","reason":"PodCompleted"}]}"#;
        let text = list(&[
            pod("gateway-7d9c5b8f6b-x2x4z", ("ReplicaSet", "gateway-7d9c5b8f6b"), &running(true, 0, "")),
            pod(
                "gateway-7d9c5b8f6b-q8w6r",
                ("ReplicaSet", "gateway-7d9c5b8f6b"),
                &running(false, 17, "CrashLoopBackOff"),
            ),
            pod("gateway-7d9c5b8f6b-t5t5t", ("ReplicaSet", "gateway-7d9c5b8f6b"), evicted),
            pod("db-0", ("StatefulSet", "db"), &running(true, 1, "")),
            pod("db-1", ("StatefulSet", "db"), &running(false, 0, "")),
            pod("node-agent-abcde", ("DaemonSet", "node-agent"), &running(true, 2, "")),
            pod("migrate-28391040-zzzzz", ("Job", "migrate-28391040"), succeeded),
            pod("migrate-28392480-yyyyy", ("Job", "migrate-28392480"), succeeded),
            pod("seed-once-abcde", ("Job", "seed-once"), succeeded),
            pod("bare", ("", ""), r#"{"phase":"Pending"}"#),
        ]);
        assert!(fits(&schema::json::parse(text.as_bytes()).unwrap()));
        assert_eq!(
            numbers(&text),
            [
                "gateway 3 1 2 0 1 1 1 17",
                "db 2 1 1 0 0 0 0 1",
                "node-agent 1 1 0 0 0 0 0 2",
                "migrate 2 0 0 2 0 0 0 0",
                "seed-once 1 0 0 1 0 0 0 0",
                "x 1 0 1 0 0 0 0 0",
            ]
        );
    }

    #[test]
    fn a_terminating_pod_is_not_ready_and_an_untold_restart_is_unknown() {
        let leaving = pod("a-1", ("StatefulSet", "a"), &running(true, 0, ""))
            .replace(r#""namespace":"prod""#, r#""namespace":"prod","deletionTimestamp":"2026-03-05T20:00:00Z""#);
        let silent =
            pod("b-1", ("StatefulSet", "b"), r#"{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}"#);
        let text = list(&[leaving, silent]);
        assert_eq!(numbers(&text), ["a 1 0 1 0 0 0 0 0", "b 1 1 0 0 0 0 0 ?"]);
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        assert_eq!(test::doubts(&facts), ["b/restarts: missing: b-1 runs, but has no containerStatuses"]);
    }

    #[test]
    fn a_pod_that_must_run_and_ended_is_not_ready() {
        let ended = r#"{"phase":"Succeeded","containerStatuses":[{"restartCount":0}]}"#;
        let always = pod("x-1", ("StrimziPodSet", "x"), ended)
            .replace(r#""status""#, r#""spec":{"restartPolicy":"Always"},"status""#);
        let text =
            list(&[pod("agent-1", ("DaemonSet", "agent"), ended), pod("y-1", ("StrimziPodSet", "y"), ended), always]);
        assert_eq!(numbers(&text), ["agent 1 0 1 1 0 0 0 0", "y 1 0 0 1 0 0 0 0", "x 1 0 1 1 0 0 0 0"]);
    }

    #[test]
    fn a_pod_that_is_listed_twice_is_in_doubt() {
        let (one, other) = (running(true, 0, ""), running(true, 0, ""));
        let (a, b) = (pod("a-1", ("StatefulSet", "a"), &one), pod("a-2", ("StatefulSet", "a"), &other));
        let doubts = |pods: &[String]| test::doubts(&read(&schema::json::parse(list(pods).as_bytes()).unwrap()));
        assert_eq!(
            doubts(&[a.clone(), b.clone(), a.clone()]),
            ["a: ambiguous: a-1 is in the list twice: of two lists that were put together"]
        );
        let elsewhere = a.replace(r#""namespace":"prod""#, r#""namespace":"test""#);
        assert!(doubts(&[a.clone(), b]).is_empty() && doubts(&[a, elsewhere]).is_empty());
    }

    #[test]
    fn leftovers_beside_a_healthy_set_are_counted_apart() {
        let evicted = r#"{"phase":"Failed","reason":"Evicted"}"#;
        let good = pod("a-1", ("StatefulSet", "a"), &running(true, 0, ""));
        let leaving =
            good.replace(r#""namespace":"prod""#, r#""namespace":"prod","deletionTimestamp":"2026-03-05T20:00:00Z""#);
        let text = list(&[good, leaving, pod("a-2", ("StatefulSet", "a"), evicted)]);
        assert_eq!(numbers(&text), ["a 1 1 0 0 1 1 0 0"]);
        let text = list(&[pod("a-2", ("StatefulSet", "a"), evicted)]);
        assert_eq!(numbers(&text), ["a 1 0 1 0 1 1 0 0"]);
    }

    #[test]
    fn what_ails_a_container_is_counted() {
        let killed = running(true, 3, "")
            .replace(r#""restartCount""#, r#""lastState":{"terminated":{"reason":"OOMKilled"}},"restartCount""#);
        let text = list(&[
            pod("a-1", ("StatefulSet", "a"), &killed),
            pod("a-2", ("StatefulSet", "a"), &running(false, 0, "ImagePullBackOff")),
        ]);
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        let Content::One(report) = &facts.content else { panic!() };
        let count = |key: &str| report.get("a").unwrap().get(key).unwrap().as_number().unwrap().as_u64();
        assert_eq!([count("oom_killed"), count("image_pull_back_off")], [Some(1), Some(1)]);
    }

    #[test]
    fn names_that_meet_are_told_apart() {
        let other = pod("gateway-0", ("StatefulSet", "gateway"), &running(true, 0, ""));
        let deployed = pod("gateway-abcdfghjk-x", ("ReplicaSet", "gateway-bcdfghjk"), &running(true, 0, ""));
        assert_eq!(
            numbers(&list(&[other.clone(), deployed.clone()])),
            ["statefulset/gateway 1 1 0 0 0 0 0 0", "deployment/gateway 1 1 0 0 0 0 0 0"]
        );
        let elsewhere = deployed.replace("prod", "test");
        assert_eq!(
            numbers(&list(&[other, elsewhere])),
            ["prod/gateway 1 1 0 0 0 0 0 0", "test/gateway 1 1 0 0 0 0 0 0"]
        );
    }

    #[test]
    fn a_list_without_pods_or_a_page_of_one_tells_nothing() {
        let facts = read(&schema::json::parse(br#"{"kind":"List","items":[]}"#).unwrap());
        assert_eq!(test::doubts(&facts), [": no-samples: the list has no pods"]);
        let page = list(&[pod("a-1", ("StatefulSet", "a"), &running(true, 0, ""))])
            .replace(r#""resourceVersion":"""#, r#""continue":"xyz""#);
        let facts = read(&schema::json::parse(page.as_bytes()).unwrap());
        assert_eq!(test::doubts(&facts), [": missing-source: the list is one page of several"]);
    }
}
