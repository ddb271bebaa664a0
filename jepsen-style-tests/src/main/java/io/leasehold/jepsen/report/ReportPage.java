package io.leasehold.jepsen.report;

import io.leasehold.jepsen.check.Evidence;
import io.leasehold.jepsen.check.LeaseEnd;
import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What came of a run: verdict, proofs, plots, faults, plan and counters. */
final class ReportPage {
  private static final int FAULTS_LISTED_MAX = 200;
  private static final int STORIES_MAX = 40;
  private static final List<String> FACTS =
      List.of("ops ok", "leases", "renewals acknowledged", "leader changes", "faults");

  private final StoredRun run;
  private final History history;
  private final Proofs proofs;
  private final Markup body = new Markup();

  private ReportPage(StoredRun run) {
    this.run = run;
    this.history = run.history();
    this.proofs = run.proofs();
  }

  static Markup of(StoredRun run) {
    ReportPage page = new ReportPage(run);
    page.head();
    page.verdicts();
    page.violations();
    page.plots();
    page.faults();
    page.plan();
    page.counters();
    page.logs();
    return Page.of("Run " + run.name(), page.body);
  }

  private void head() {
    body.element("h1", "Run " + run.name());
    body.open("nav")
        .element("a", "Timeline of operations", "href", Report.TIMELINE)
        .element("a", "Plots", "href", "#plots")
        .element("a", "Faults", "href", "#faults")
        .element("a", "Plan", "href", "#plan")
        .element("a", "Counters", "href", "#counters")
        .element("a", "Logs", "href", "#logs")
        .close("nav");
    Verdicts verdicts = run.verdicts();
    if (verdicts == null) {
      body.element(
          "p",
          "Not judged: there is no " + StoredRun.VERDICT + ". The run may have been killed.",
          "class",
          "banner",
          "style",
          "background:" + Palette.of(Ruling.UNKNOWN));
    } else {
      body.open("p", "class", "banner", "style", "background:" + Palette.of(verdicts.ruling()))
          .element("b", name(verdicts.ruling()) + ". ")
          .text(summary(verdicts))
          .close("p");
      for (String missing : verdicts.missing()) {
        body.element("p", "Not enough happened: " + missing + ".");
      }
    }
    facts(verdicts);
    if (!run.reproduction().isEmpty()) {
      body.element("p", "To do it again:", "class", "quiet");
      body.element("pre", run.reproduction());
      body.element(
          "p",
          "It follows the same plan; real processes are not deterministic, so that it may end"
              + " otherwise.",
          "class",
          "quiet");
    }
  }

  private void facts(@Nullable Verdicts verdicts) {
    Map<String, Double> counters = verdicts == null ? Map.of() : verdicts.counters();
    body.open("ul", "class", "facts");
    fact(Quantities.length(history.endNanos()), "length");
    for (String name : FACTS) {
      if (counters.containsKey(name)) {
        fact(Quantities.number(counters.getOrDefault(name, 0.0)), words(name));
      }
    }
    if (counters.containsKey("ops ok per second")) {
      fact(
          Quantities.number(Math.rint(counters.getOrDefault("ops ok per second", 0.0))),
          "ok per second");
    }
    body.close("ul");
  }

  private static String words(String counter) {
    return counter.equals("ops ok") ? "operations ok" : counter;
  }

  private void fact(String value, String words) {
    body.open("li").element("b", value).text(words).close("li");
  }

  private static String summary(Verdicts verdicts) {
    long violated = count(verdicts, Ruling.VIOLATED);
    long ok = count(verdicts, Ruling.OK);
    return switch (verdicts.ruling()) {
      case OK ->
          "All properties that could be judged hold: " + ok + " of " + verdicts.each().size() + ".";
      case VIOLATED ->
          (violated == 1 ? "1 property is" : violated + " properties are")
              + " violated; "
              + ok
              + " hold.";
      case UNKNOWN ->
          "No violation, but "
              + count(verdicts, Ruling.UNKNOWN)
              + " of "
              + verdicts.each().size()
              + " properties cannot be told.";
      case INVALID -> "No violation, but too little happened for the run to prove anything.";
      case NOT_APPLICABLE -> "Nothing was recorded that a property speaks about.";
    };
  }

  private static long count(Verdicts verdicts, Ruling ruling) {
    return verdicts.each().stream().filter(each -> each.ruling() == ruling).count();
  }

  private static String name(Ruling ruling) {
    return ruling.name().replace('_', ' ');
  }

  private void verdicts() {
    Verdicts verdicts = run.verdicts();
    if (verdicts == null) {
      return;
    }
    body.element("h2", "Verdict on each property", "id", "verdicts");
    body.open("table", "class", "wide").open("tr");
    for (String head : List.of("", "property", "ruling", "why, and figures")) {
      body.element("th", head);
    }
    body.close("tr");
    for (Verdict verdict : verdicts.each()) {
      body.open("tr")
          .element("td", verdict.property(), "class", "name")
          .element("td", Properties.words(verdict.property()))
          .element(
              "td",
              name(verdict.ruling()),
              "class",
              "ruling",
              "style",
              "color:" + Palette.of(verdict.ruling()))
          .open("td");
      if (!verdict.reason().isEmpty()) {
        body.text(verdict.reason() + " ");
      }
      List<Proofs.Numbered> proved = proofs.of(verdict);
      if (!proved.isEmpty()) {
        body.element(
            "a",
            proved.size() == 1 ? "see the proof" : "see the proofs",
            "href",
            "#" + proved.get(0).anchor());
      }
      body.element("div", figures(verdict), "class", "quiet").close("td").close("tr");
    }
    body.close("table");
  }

  private static String figures(Verdict verdict) {
    List<String> figures = new ArrayList<>();
    verdict
        .figures()
        .forEach(
            (name, value) -> {
              if (!name.equals("violations") || value > 0) {
                figures.add(name + " " + Quantities.number(value));
              }
            });
    return String.join(" · ", figures);
  }

  private void violations() {
    if (proofs.violations().isEmpty()) {
      return;
    }
    body.element("h2", "Violations, and what proves them", "id", "violations");
    body.element(
        "p",
        "The lines of one violation cannot all be true of a correct cluster. Times are from the start"
            + " of the run. Of each property the first violations are kept.",
        "class",
        "quiet");
    for (Proofs.Numbered numbered : proofs.violations()) {
      body.add(ProofTable.of(numbered, line -> new Markup()));
      if (numbered.number() <= STORIES_MAX) {
        body.add(Story.of(history, numbered));
      }
      body.open("p")
          .element("a", "See it in the timeline", "href", Report.TIMELINE + "#" + numbered.anchor())
          .close("p");
    }
  }

  private void plots() {
    body.element("h2", "Plots", "id", "plots");
    if (!history.faults().isEmpty()) {
      body.element(
          "p",
          "Behind each plot lies what was broken at that time: the colour says how, the name above it"
              + " what was done to whom.",
          "class",
          "quiet");
    }
    body.add(FaultBands.legend(history));
    body.element("h3", "Latency");
    body.add(LatencyChart.of(history));
    body.element("h3", "Rate");
    body.add(RateChart.of(history));
    body.element("h3", "How late leases ended");
    body.add(LatenessChart.of(history, LeaseEnd.observed(new Evidence(history), run.parameters())));
    body.element("h3", "Leader and term");
    body.add(LeaderChart.of(history));
  }

  private void faults() {
    body.element("h2", "Faults", "id", "faults");
    if (history.faults().isEmpty()) {
      body.element("p", "Nothing was broken.", "class", "quiet");
      return;
    }
    body.open("table").open("tr");
    body.element("th", "").element("th", "fault").element("th", "members");
    for (String head : List.of("from", "to", "length")) {
      body.element("th", head, "class", "number");
    }
    body.close("tr");
    int listed = Math.min(FAULTS_LISTED_MAX, history.faults().size());
    for (int i = 0; i < listed; i++) {
      FaultWindow fault = history.faults().get(i);
      body.open("tr")
          .element("td", Integer.toString(i + 1), "class", "number")
          .open("td", "class", "name")
          .element("span", "■ ", "style", "color:" + FaultFamily.of(fault.kind()).colour())
          .text(Phrases.kindOfFault(fault.kind()))
          .close("td")
          .element("td", fault.target());
      number(Quantities.time(fault.fromNanos()));
      number(Quantities.time(fault.toNanos()));
      number(Quantities.length(fault.toNanos() - fault.fromNanos()));
      body.close("tr");
    }
    body.close("table");
    if (listed < history.faults().size()) {
      body.element(
          "p",
          Quantities.count((long) history.faults().size() - listed, "more fault")
              + " in "
              + StoredRun.HISTORY
              + ".",
          "class",
          "quiet");
    }
  }

  private void number(String text) {
    body.element("td", text, "class", "number");
  }

  private void plan() {
    body.element("h2", "Plan", "id", "plan");
    if (run.plan().isEmpty()) {
      body.element("p", "There is no " + StoredRun.PLAN + ".", "class", "quiet");
      return;
    }
    body.element(
        "p",
        "What the run was told to do, with everything that its seed decided.",
        "class",
        "quiet");
    body.add(PlanTable.of(run.plan()));
  }

  private void counters() {
    Verdicts verdicts = run.verdicts();
    if (verdicts == null || verdicts.counters().isEmpty()) {
      return;
    }
    body.element("h2", "Counters", "id", "counters");
    body.element(
        "p",
        "What happened, and how often. A run in which too little happened proves nothing.",
        "class",
        "quiet");
    Map<String, Double> least = run.parameters().minimums();
    boolean isAsked = !least.isEmpty();
    body.open("table")
        .open("tr")
        .element("th", "what")
        .element("th", "how often", "class", "number");
    if (isAsked) {
      body.element("th", "needed", "class", "number");
    }
    body.close("tr");
    Map<String, Double> all = new TreeMap<>(verdicts.counters());
    least.keySet().forEach(name -> all.putIfAbsent(name, 0.0));
    all.forEach(
        (name, value) -> {
          body.open("tr").element("td", words(name), "class", "name");
          number(Quantities.number(value));
          if (isAsked) {
            Double needed = least.get(name);
            number(needed == null ? "" : Quantities.number(needed));
          }
          body.close("tr");
        });
    body.close("table");
  }

  private void logs() {
    body.element("h2", "Logs and files", "id", "logs");
    if (!run.logs().isEmpty()) {
      body.open("table").open("tr").element("th", "log");
      for (String head : List.of("size", "warnings", "errors")) {
        body.element("th", head, "class", "number");
      }
      body.element("th", "first errors").close("tr");
      for (NodeLog log : run.logs()) {
        body.open("tr").open("td", "class", "name");
        link(log.path().toString());
        body.close("td");
        number(Quantities.bytes(log.bytes()));
        number(Quantities.number(log.warnings()));
        number(Quantities.number(log.errors()));
        body.open("td");
        for (String error : log.firstErrors()) {
          body.open("div").element("code", error).close("div");
        }
        body.close("td").close("tr");
      }
      body.close("table");
    }
    body.open("p").text("What this page was made of: ");
    link(StoredRun.PLAN);
    body.text(" · ");
    link(StoredRun.HISTORY);
    body.text(" · ");
    link(StoredRun.VERDICT);
    body.close("p");
  }

  private void link(String path) {
    body.element("a", path, "href", address(path));
  }

  /** A name may hold what means something else in an address. */
  private static String address(String path) {
    try {
      return new URI(null, null, "./" + path, null).toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(path, e);
    }
  }
}
