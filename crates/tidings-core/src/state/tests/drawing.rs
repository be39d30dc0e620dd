//! Mermaid and DOT.

use expect_test::expect;

use super::fixture::Case;
use crate::state::{State, StateMachine, Table};

fn awkward() -> Table {
    let table = Table::builder("a \"b\" \\").initial("say \"hi\"").edge("say \"hi\"", "end");
    table.edge("end", "50% #1; <b>\n{x}: \\N é").build().expect("awkward names are names")
}

#[test]
fn mermaid_draws_states_edges_and_ends() {
    expect![[r#"
        stateDiagram-v2
            state "idle" as s0
            state "started" as s1
            state "finished" as s2
            state "skipped" as s3
            state "timeout" as s4
            [*] --> s0
            s0 --> s1
            s0 --> s3
            s1 --> s1
            s1 --> s2
            s1 --> s4
            s2 --> [*]
            s3 --> [*]
            s4 --> [*]
    "#]]
    .assert_eq(&Case::table().diagram().mermaid());
}

#[test]
fn a_machine_is_drawn_with_its_state_highlighted() {
    let machine = StateMachine::<Case>::new("case#17");
    machine.transition(Case::Started).unwrap();
    let mermaid = machine.diagram().mermaid();
    assert!(mermaid.ends_with("    class s1 current\n"), "{mermaid}");
    let dot = machine.diagram().dot();
    assert!(
        dot.contains("s1 [label=\"started\", style=\"rounded,filled\", fillcolor=\"#ffe08a\"];"),
        "{dot}"
    );
    let nothing = Case::table().diagram().highlight("no such state");
    assert_eq!(nothing.mermaid(), Case::table().diagram().mermaid());
}

#[test]
fn no_name_breaks_a_mermaid_drawing() {
    expect![[r#"
        stateDiagram-v2
            state "say #34;hi#34;" as s0
            state "end" as s1
            state "50#37; #35;1#59; #60;b#62; #123;x#125;#58; #92;N é" as s2
            [*] --> s0
            s0 --> s1
            s1 --> s2
            s2 --> [*]
    "#]]
    .assert_eq(&awkward().diagram().mermaid());
}

#[test]
fn no_name_breaks_a_dot_drawing() {
    expect![[r#"
        digraph "a \"b\" \\" {
            rankdir=LR;
            node [shape=box, style=rounded];
            start [shape=point, label=""];
            s0 [label="say \"hi\""];
            s1 [label="end"];
            s2 [label="50% #1; <b> {x}: \\N é", peripheries=2];
            start -> s0;
            s0 -> s1;
            s1 -> s2;
        }
    "#]]
    .assert_eq(&awkward().diagram().dot());
}
