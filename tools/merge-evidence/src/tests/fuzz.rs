//! Fuzz functions, one a format: damaged sources must not make a reader panic, lie about where it doubts, or take a
//! text that was cut for a whole one.
//!
//! Dev-only. `scripts/test long` runs each loop whole.

use schema::json;

use crate::facts::{Content, Facts};
use crate::merge::Document;
use crate::readers::k6::points as k6_points;
use crate::readers::{self, Format};

/// Reads a source as `format` and as what its shape says; both must be sound.
fn read(bytes: &[u8], format: Format) {
    for insisted in [Some(format), None] {
        if let Ok(reading) = readers::read(bytes, insisted, false) {
            sound(&reading.facts);
        }
    }
}

/// What every reading must be: values that are JSON, doubts whose paths read back and cover what they name.
fn sound(facts: &Facts<'_>) {
    let mut out = Vec::new();
    match &facts.content {
        Content::One(value) => json::write(value, &mut out),
        Content::Many(list) => list.iter().for_each(|value| {
            out.clear();
            json::write(value, &mut out);
            assert!(json::parse(&out).is_ok());
        }),
    }
    if let Content::One(_) = facts.content {
        assert!(json::parse(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
    }
    let name = ["source".to_owned()];
    for doubt in &facts.doubts {
        let mut document = Document::default();
        document.doubt(&name, doubt);
        if let Some(unknown) = document.evidence.unknown.first() {
            let path = expr::Path::parse(&unknown.path).unwrap_or_else(|error| panic!("{}: {error}", unknown.path));
            assert_eq!(document.read(&path).unwrap_err().0, doubt.code);
        }
    }
}

fn fuzz(seed: &str, format: Format) {
    let mut random = testkit::Random::new(seed.len() as u64);
    read(seed.as_bytes(), format);
    assert!(readers::read(seed.as_bytes(), Some(format), false).is_ok(), "{seed}");
    for _ in 0..testkit::times(40_000) {
        read(&random.mutated(seed.as_bytes()), format);
    }
}

/// Every proper beginning of a document is refused.
fn cuts_are_refused(seed: &str, format: Format) {
    let whole = seed.trim_end();
    for cut in 1..whole.len() {
        let Some(part) = whole.get(..cut) else { continue };
        assert!(readers::read(part.as_bytes(), Some(format), false).is_err(), "{part}");
    }
}

const K6: &str = r#"{"root_group":{"name":"","groups":[{"path":"::a","groups":[],"checks":[{"path":"::a::c","passes":3,"fails":1}]}],"checks":[]},"state":{"testRunDurationMs":1000},"metrics":{"checks":{"type":"rate","contains":"default","values":{"rate":0.75,"passes":3,"fails":1}},"http_req_duration{a:b}":{"type":"trend","contains":"time","values":{"avg":15,"min":10,"med":15,"max":20,"p(95)":19.5,"count":3},"thresholds":{"p(99)<200":{"ok":true}}},"http_reqs":{"type":"counter","values":{"count":3,"rate":3}},"vus_max":{"type":"gauge","values":{"value":1,"min":1,"max":1}}}}"#;
const K6_OLD: &str = r#"{"root_group":{"groups":{"child":{"groups":{},"checks":{"c":{"path":"::c","passes":3,"fails":1}}}},"checks":{}},"metrics":{"checks":{"value":0.75,"passes":3,"fails":1,"thresholds":{"rate>70":false}},"http_reqs":{"count":3,"rate":3},"vus":{"value":1,"min":1,"max":1}}}"#;
const K6_MACHINE: &str = r#"{"config":{"duration":10,"execution":"local"},"metadata":{"generatedAt":"2026-11-28T10:00:10Z","k6Version":"1.5.0"},"results":{"checks":{"metrics":[{"name":"checks_failed","type":"rate","values":{"matches":1,"rate":0.25,"total":4}},{"name":"checks_succeeded","type":"rate","values":{"matches":3,"rate":0.75,"total":4}}],"results":[{"name":"c","passes":3,"fails":1}]},"metrics":[{"name":"http_reqs","type":"counter","contains":"default","values":{"count":3}},{"name":"http_req_duration","type":"trend","contains":"time","values":{"avg":15,"min":10,"med":15,"max":20,"p(95)":19.5}}]},"version":"1.0.0"}"#;
const VEGETA: &str = r#"{"latencies":{"total":10,"mean":1,"50th":1,"95th":2,"99th":3,"max":3,"min":1},"bytes_in":{"total":2,"mean":1},"earliest":"2021-09-16T05:16:19.869059637+09:00","latest":"2021-09-16T05:16:20.768944903+09:00","duration":899885266,"wait":1,"requests":10,"rate":11.11,"success":1,"status_codes":{"201":10},"errors":[]}"#;
const OHA: &str = r#"{"summary":{"successRate":1.0,"total":0.5,"slowest":0.02,"fastest":0.001,"average":0.004,"requestsPerSec":400.0,"totalData":2000,"sizePerRequest":10},"latencyPercentiles":{"p50":0.004,"p99":0.0195},"statusCodeDistribution":{"200":199,"404":1},"errorDistribution":{"x":1}}"#;
const FIO: &str = r#"{"fio version":"fio-3.33","timestamp_ms":1795911047274,"jobs":[{"jobname":"a","error":0,"read":{"io_bytes":4096,"iops":50.0,"runtime":873,"total_ios":45,"lat_ns":{"min":900,"max":9000,"mean":5000.0,"N":45}}}]}"#;
const HYPERFINE: &str = r#"{"results":[{"command":"sleep 0.1","mean":0.102,"stddev":0.001,"median":0.102,"min":0.101,"max":0.103,"times":[0.101,0.103],"exit_codes":[0,null],"parameters":{"n":"1"}}]}"#;
const PODS: &str = r#"{"kind":"List","metadata":{"continue":""},"items":[{"kind":"Pod","metadata":{"name":"a-7d9c5b8f6b-x2x4z","namespace":"n","labels":{"app":"a","pod-template-hash":"7d9c5b8f6b"},"ownerReferences":[{"controller":true,"kind":"ReplicaSet","name":"a-7d9c5b8f6b"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"restartCount":2,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}},{"kind":"Pod","metadata":{"name":"b","ownerReferences":[{"kind":"Job","name":"b-28391040"}]},"status":{"phase":"Succeeded"}}]}"#;
const API: &str = r#"{"q":{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","pod":"a"},"value":[1.5,"1"]},{"metric":{"__name__":"down"},"value":[2,"NaN"]}]}},"r":{"status":"success","warnings":["w"],"data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"3"],[2,"+Inf"]]}]}},"e":{"status":"error","errorType":"x","error":"y"},"s":{"status":"success","data":[0,"20"]}}"#;
const SCRAPE: &str = "# HELP a b\n# TYPE h histogram\nh_bucket{le=\"0.1\"} 5 1395066363000\nh_bucket{le=\"+Inf\"} 9\nh_sum 1.5e3\nx{p=\"C:\\\\D\\n\",q=\"\\\"\",} NaN\nup 1\n";
const JUNIT: &str = "<?xml version=\"1.0\"?>\n<!-- c -->\n<testsuites><testsuite name=\"a &lt; b\" tests=\"3\" failures=\"1\" time=\"0.25\"><testcase classname=\"A\" name=\"x\"/><testcase name=\"y\"><failure>t<![CDATA[<]]></failure></testcase><testcase name=\"z\"><skipped/></testcase></testsuite></testsuites>";
const ROBOT: &str = "<robot generator=\"Robot 7\"><suite name=\"A\"><suite name=\"B\"><test name=\"x\"><kw name=\"k\"><status status=\"PASS\"/></kw><status status=\"FAIL\">boom</status></test><status status=\"FAIL\" start=\"2026-11-28T03:46:23Z\" elapsed=\"0.5\"/></suite></suite><statistics><total><stat pass=\"0\" fail=\"1\" skip=\"0\">All Tests</stat></total></statistics></robot>";
const CTEST: &str = "<Site Generator=\"ctest-4\"><Testing><StartTestTime>1795837538</StartTestTime><TestList><Test>./a</Test></TestList><Test Status=\"notrun\"><Name>a</Name><Results><NamedMeasurement name=\"Completion Status\"><Value>Disabled</Value></NamedMeasurement></Results></Test></Testing></Site>";
const CATCH2: &str = "<Catch2TestRun name=\"a\"><TestCase name=\"x\"><Expression success=\"false\"/><OverallResult success=\"false\" skips=\"0\"/></TestCase><OverallResultsCases successes=\"0\" failures=\"1\"/></Catch2TestRun>";
const CATCH2_JSON: &str = r#"{"version":1,"metadata":{},"test-run":{"test-cases":[{"test-info":{"name":"a"},"totals":{"test-cases":{"passed":1,"failed":0}}}],"totals":{"test-cases":{"failed":0}}}}"#;
const GTEST: &str = r#"{"tests":2,"failures":1,"time":"0.5s","timestamp":"2026-11-28T03:55:57Z","name":"AllTests","testsuites":[{"name":"A","tests":2,"testsuite":[{"name":"x","status":"RUN","result":"COMPLETED","failures":[{"failure":"x"}]},{"name":"y","status":"NOTRUN","result":"SUPPRESSED"}]}]}"#;
const PYTEST: &str = r#"{"created":1795837482.5,"duration":0.5,"exitcode":1,"root":"/","summary":{"passed":1,"failed":1,"total":2},"tests":[{"nodeid":"a","outcome":"passed"},{"nodeid":"b","outcome":"failed"}],"collectors":[{"nodeid":"c","outcome":"failed"}]}"#;
const GO: &str = "{\"Time\":\"2026-11-28T03:55:49Z\",\"Action\":\"run\",\"Package\":\"m\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"m\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"m\"}\nFAIL\tn [build failed]\n";
const TAP: &str = "TAP version 14\n1..4\nok 1 - a\nnot ok 2 - b # TODO later\n  ---\n  x: y\n  ...\n    ok 1 - inner\nok 3 # skip c\nnot ok 4 \\# d\n";
const CURL: &str = "   time_connect:  0.010s\n      http_code:  200\n---------\n     time_total:  0.25\ntime_total=0.5\nsize_download=17\n";
const CSV: &str = "name,p99_ms,ok\n\"a, b\",1.50,true\n\"c\n\"\"d\"\"\",,007\n";
const TSV: &str = "name\tp99_ms\tok\na \"b\"\t1e-5\tnull\n";
const EVIDENCE: &str = r#"{"a":{"p99_ms":12,"max_ms":40,"count":0},"@evidence":{"sources":[{"name":"a","path":"x","format":"json","bytes":1,"sha256":"00","origin":"declared","from":"2026-03-05T20:32:12Z"}],"declared":["a.\"b c\""],"unknown":[{"path":"a[0].x","code":"stale","detail":"old"}],"seals":[]}}"#;

/// Damaged forms of what the cases of a tool hold, whose folder is named as its format is.
fn fuzz_folder(word: &str) {
    let format = Format::from_word(word).unwrap();
    let folder = testkit::root().join("testdata/merge-evidence").join(word);
    let mut random = testkit::Random::new(word.len() as u64);
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none() {
            continue;
        }
        let seed = std::fs::read(path).unwrap();
        read(&seed, format);
        seen += 1;
        // Long outputs are damaged as often a byte as short ones.
        for _ in 0..testkit::times(4_000_000 / (1000 + seed.len() as u64)) {
            read(&random.mutated(&seed), format);
        }
    }
    assert!(seen > 0, "{word}");
}

/// The fuzz functions, and the formats whose readers each is for.
macro_rules! fuzzed {
    ($($name:ident: $($word:literal)+ => $body:block)+) => {
        $(#[test]
        fn $name() $body)+
        /// Every format that has a fuzz function: the audit wants all of them.
        pub const FUZZED: &[&str] = &[$($($word),+),+];
    };
}

fuzzed! {
    k6: "k6" => {
        for seed in [K6, K6_OLD, K6_MACHINE] {
            fuzz(seed, Format::K6);
            cuts_are_refused(seed, Format::K6);
        }
    }
    k6_points: "k6-points" => {
        let mut random = testkit::Random::new(2);
        let lines: Vec<&str> = k6_points::tests::LINES.lines().collect();
        for _ in 0..testkit::times(2_000) {
            let mut points = k6_points::Points::default();
            let mut taken = 0;
            for _ in 0..20 {
                let line = random.pick(&lines).as_bytes();
                let line = if random.once_in(3) { random.mutated(line) } else { line.to_vec() };
                taken += u64::from(points.line(&line).is_ok());
            }
            assert!(points.lines() == 20 && taken <= 20);
            sound(&points.finish());
        }
    }
    reports_of_tests: "robot" "ctest" "catch2" "gtest" "pytest-json" "go-test" => {
        for (seed, format) in [
            (ROBOT, Format::Robot),
            (CTEST, Format::Ctest),
            (CATCH2, Format::Catch2),
            (CATCH2_JSON, Format::Catch2),
            (GTEST, Format::Gtest),
            (PYTEST, Format::PytestJson),
        ] {
            fuzz(seed, format);
            cuts_are_refused(seed, format);
        }
        fuzz(GO, Format::GoTest);
    }
    vegeta: "vegeta" => {
        fuzz(VEGETA, Format::Vegeta);
        cuts_are_refused(VEGETA, Format::Vegeta);
        fuzz_folder("vegeta");
    }
    oha: "oha" => {
        fuzz(OHA, Format::Oha);
        cuts_are_refused(OHA, Format::Oha);
    }
    hyperfine: "hyperfine" => {
        fuzz(HYPERFINE, Format::Hyperfine);
        cuts_are_refused(HYPERFINE, Format::Hyperfine);
    }
    pods: "pods" => {
        fuzz(PODS, Format::Pods);
        cuts_are_refused(PODS, Format::Pods);
    }
    prometheus_api: "prometheus" => {
        fuzz(API, Format::Prometheus);
        cuts_are_refused(API, Format::Prometheus);
    }
    prometheus_text: "prometheus" => {
        fuzz(SCRAPE, Format::Prometheus);
        // A scrape may end after any line; within one it was cut.
        let lines: Vec<usize> = SCRAPE.match_indices('\n').map(|(at, _)| at).collect();
        for cut in 1..SCRAPE.len() {
            if SCRAPE.as_bytes()[cut - 1] != b'\n' && !lines.contains(&cut) {
                assert!(readers::read(&SCRAPE.as_bytes()[..cut], Some(Format::Prometheus), false).is_err(), "{cut}");
            }
        }
    }
    junit: "junit" => {
        fuzz(JUNIT, Format::Junit);
        cuts_are_refused(JUNIT, Format::Junit);
    }
    tap: "tap" => {
        fuzz(TAP, Format::Tap);
        // A run that was cut before its last point is not complete.
        for cut in 20..TAP.rfind("not ok").unwrap() {
            let reading = readers::read(&TAP.as_bytes()[..cut], Some(Format::Tap), false).unwrap();
            let Content::One(value) = &reading.facts.content else { panic!() };
            assert_eq!(value.get("complete"), Some(&schema::Value::Bool(false)), "{}", &TAP[..cut]);
        }
    }
    curl: "curl" => {
        fuzz(CURL, Format::Curl);
        fuzz(r#"{"http_code":200,"time_total":0.123456,"size_download":512}"#, Format::Curl);
    }
    tables: "csv" "tsv" => {
        fuzz(CSV, Format::Csv);
        fuzz(TSV, Format::Tsv);
    }
    locust: "locust" => {
        fuzz_folder("locust");
    }
    jmeter: "jmeter" => {
        fuzz_folder("jmeter");
    }
    artillery: "artillery" => {
        fuzz_folder("artillery");
    }
    gatling: "gatling" => {
        fuzz_folder("gatling");
    }
    autocannon: "autocannon" => {
        fuzz_folder("autocannon");
    }
    bombardier: "bombardier" => {
        fuzz_folder("bombardier");
    }
    memtier: "memtier" => {
        fuzz_folder("memtier");
    }
    hey: "hey" => {
        fuzz_folder("hey");
    }
    wrk: "wrk" => {
        fuzz_folder("wrk");
    }
    ab: "ab" => {
        fuzz_folder("ab");
    }
    siege: "siege" => {
        fuzz_folder("siege");
    }
    h2load: "h2load" => {
        fuzz_folder("h2load");
    }
    fio: "fio" => {
        fuzz_folder("fio");
    }
    iperf3: "iperf3" => {
        fuzz_folder("iperf3");
    }
    redis_benchmark: "redis-benchmark" => {
        fuzz_folder("redis-benchmark");
    }
    pgbench: "pgbench" => {
        fuzz_folder("pgbench");
    }
    sysbench: "sysbench" => {
        fuzz_folder("sysbench");
    }
    pytest_benchmark: "pytest-benchmark" => {
        fuzz_folder("pytest-benchmark");
    }
    google_benchmark: "google-benchmark" => {
        fuzz_folder("google-benchmark");
    }
    jest: "jest" => {
        fuzz_folder("jest");
    }
    mocha: "mocha" => {
        fuzz_folder("mocha");
    }
    playwright: "playwright" => {
        fuzz_folder("playwright");
    }
    newman: "newman" => {
        fuzz_folder("newman");
    }
    sarif: "sarif" => {
        fuzz_folder("sarif");
    }
    coverage: "coverage" => {
        fuzz_folder("coverage");
    }
    prove: "prove" => {
        fuzz_folder("prove");
    }
    stub_status: "stub-status" => {
        fuzz_folder("stub-status");
    }
    nagios: "nagios" => {
        fuzz_folder("nagios");
    }
    otel: "otel" => {
        fuzz_folder("otel");
    }
    json_and_evidence: "json" "jsonl" "evidence" => {
        fuzz(EVIDENCE, Format::Evidence);
        fuzz("{\"a\":1}\n{\"b\":[{\"p50\":3,\"p99\":2}]}\n", Format::Json);
        cuts_are_refused(EVIDENCE, Format::Evidence);
    }
}

/// Reports among other lines, and lines that something stands before: what is cut out of a text must be as sound as it.
#[test]
fn reports_among_other_lines() {
    let mut random = testkit::Random::new(7);
    let folder = testkit::root().join("testdata/merge-evidence/report-among-lines");
    let mut seeds: Vec<Vec<u8>> =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(seeds.len() > 5, "{}", seeds.len());
    for (format, seed) in [("fio", FIO), ("k6", K6), ("junit", JUNIT), ("tap", TAP), ("go-test", GO)] {
        assert!(Format::from_word(format).is_some());
        seeds.push(
            [b"> site@1.0.0 load\n\n\x1b[33mnote\x1b[0m: x {y}\n", seed.as_bytes(), b"\nDone in 3 s.\n"].concat(),
        );
        for head in ["k6-1  | ", "2026-11-28T10:00:00.1234567Z ", "Nov 28 10:00:00 ci run[77]: "] {
            seeds.push(seed.lines().flat_map(|line| [head, line, "\n"]).collect::<String>().into_bytes());
        }
    }
    for seed in seeds {
        for _ in 0..testkit::times(4_000) {
            if let Ok(reading) = readers::read(&random.mutated(&seed), None, false) {
                sound(&reading.facts);
            }
        }
    }
}

#[test]
fn no_bytes_at_all_make_a_reader_panic() {
    let mut random = testkit::Random::new(9);
    for _ in 0..testkit::times(40_000) {
        let length = random.below(60);
        let bytes: Vec<u8> = (0..length)
            .map(|_| if random.once_in(3) { random.bits() as u8 } else { *random.pick(b"{}[]\":,<>=/#.0123ok \n\t") })
            .collect();
        for word in Format::words() {
            read(&bytes, Format::from_word(word).unwrap());
        }
    }
}
