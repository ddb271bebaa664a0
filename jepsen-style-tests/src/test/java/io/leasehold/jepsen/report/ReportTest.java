package io.leasehold.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.Json;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ReportTest {
  private static final String HOSTILE = "</script><script>alert('x')</script><b a=\"&\u0000";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyPropertyHasARowWithItsRuling(long seed) throws IOException {
    MadeUpRun run = MadeUpRun.of(seed, 9, 30_000);
    Element page = report(run);
    for (Verdict verdict : run.verdicts().each()) {
      List<Element> rows =
          Pages.all(
              page,
              "tr",
              row ->
                  row.getElementsByTagName("td").getLength() == 4
                      && cell(row, 0).equals(verdict.property()));
      assertThat(rows).as(verdict.property()).hasSize(1);
      assertThat(cell(rows.get(0), 1)).isNotEmpty();
      assertThat(cell(rows.get(0), 2)).isEqualTo(verdict.ruling().name().replace('_', ' '));
      assertThat(cell(rows.get(0), 3)).contains(verdict.reason());
    }
  }

  @Test
  void aViolationIsProvedByTheLinesOfTheHistory() throws IOException {
    MadeUpRun run = MadeUpRun.of(1, 3, 20_000).withEarlyEnd(77, 6_000);
    assertThat(run.verdicts().of("P1").ruling()).isEqualTo(Ruling.VIOLATED);
    Element page = report(run);
    assertThat(Pages.ofClass(page, "banner").get(0).getTextContent()).startsWith("VIOLATED");
    Element proof = Pages.ofClass(page, "proof").get(0);
    assertThat(proof.getTextContent()).contains("P1", "lease 77", "6.900 s", "7.800 s", "n3");
  }

  @Test
  void aViolationIsDrawnWithAllThatWasAskedAboutTheSameLease() throws IOException {
    MadeUpRun run = MadeUpRun.of(1, 3, 20_000).withEarlyEnd(77, 6_000);
    Element page = report(run);
    List<Element> bars = Pages.ofClass(page, "op");
    assertThat(bars).hasSize(3).allMatch(bar -> bar.getTextContent().contains("lease 77"));
    assertThat(bars.stream().filter(bar -> Pages.hasClass(bar, "proves"))).hasSize(2);
    List<Element> promises = Pages.ofClass(page, "promise");
    assertThat(promises).hasSize(1);
    assertThat(promises.get(0).getTextContent()).contains("10.900 s");
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 90})
  void everyOperationOfAViolationIsInTheTimeline(int clients) throws IOException {
    MadeUpRun run =
        MadeUpRun.of(4, clients, 40_000).withEarlyEnd(77, 6_000).withEarlyEnd(78, 31_000);
    assertThat(run.history().ops().size() > Windows.OPS_MAX).isEqualTo(clients == 90);
    run.store(directory);
    Report.write(directory);
    Element page = Pages.read(directory.resolve(Report.TIMELINE));
    List<Element> bars =
        Pages.ofClass(page, "op").stream().filter(bar -> Pages.hasClass(bar, "proves")).toList();
    Proofs proofs = Proofs.of(run.verdicts());
    assertThat(proofs.lines()).isNotEmpty();
    assertThat(proofs.lines())
        .allSatisfy(
            line ->
                assertThat(bars)
                    .anySatisfy(
                        bar -> {
                          Op op = (Op) line;
                          assertThat(bar.getTextContent())
                              .contains(Phrases.of(op.request()), Phrases.outcome(op))
                              .contains(proofs.marks(op));
                          assertThat(bar.getAttribute("stroke")).isEqualTo(Palette.PROOF);
                          assertThat(Pages.number(bar, "x"))
                              .isCloseTo(
                                  Pages.place(Pages.picture(bar), op.invokedNanos() / 1e9),
                                  within(1.0));
                        }));
  }

  @Test
  void whatAMemberSaidIsInTheTimelineIfItProvesSomething() throws IOException {
    MadeUpRun run = MadeUpRun.of(5, 6, 20_000).withTwoLeaders(9_000);
    assertThat(run.verdicts().of("P10").ruling()).isEqualTo(Ruling.VIOLATED);
    List<Element> marks = Pages.ofClass(timeline(run), "proves");
    Proofs proofs = Proofs.of(run.verdicts());
    assertThat(proofs.lines()).hasSize(2).contains(run.history().entries().get(last(run)));
    assertThat(proofs.lines())
        .allSatisfy(
            line ->
                assertThat(marks)
                    .anySatisfy(
                        mark ->
                            assertThat(mark.getTextContent())
                                .contains(
                                    Phrases.source(line),
                                    Phrases.of(line),
                                    Quantities.time(((MemberState) line).atNanos()),
                                    proofs.marks(line).get(0))));
  }

  private static int last(MadeUpRun run) {
    return run.history().entries().size() - 1;
  }

  @Test
  void everyOperationOfASmallRunIsDrawnOnceInEachWindowItTouches() throws IOException {
    MadeUpRun run = MadeUpRun.of(6, 6, 25_000);
    Windows windows = Windows.of(run.history(), Proofs.none());
    assertThat(windows.whole()).isTrue();
    long expected = run.history().ops().stream().mapToLong(op -> windows.showing(op).size()).sum();
    Element page = timeline(run);
    assertThat(Pages.ofClass(page, "op")).hasSize((int) expected);
    for (Result result : Result.values()) {
      assertThat(
              Pages.ofClass(page, "op").stream()
                  .filter(bar -> bar.getAttribute("fill").equals(Palette.of(result))))
          .hasSize(
              run.history().ops().stream()
                  .filter(op -> op.result() == result)
                  .mapToInt(op -> windows.showing(op).size())
                  .sum());
    }
  }

  @Test
  void aLargeRunIsDrawnWhereItMattersAndSaysSo() throws IOException {
    MadeUpRun run = MadeUpRun.of(7, 120, 60_000);
    Element page = timeline(run);
    assertThat(Pages.ofClass(page, "op")).hasSizeBetween(500, Windows.OPS_MAX);
    assertThat(page.getTextContent()).contains("too many to draw", "are drawn:");
    Windows windows = Windows.of(run.history(), Proofs.none());
    for (FaultWindow fault : run.history().faults()) {
      assertThat(windows.showing(fault)).isNotEmpty();
    }
  }

  @Test
  void bandsLieWhereTheFaultsWere() throws IOException {
    MadeUpRun run = MadeUpRun.of(8, 6, 45_000);
    run.store(directory);
    Report.write(directory);
    for (String file : List.of(Report.REPORT, Report.TIMELINE)) {
      Element page = Pages.read(directory.resolve(file));
      for (FaultWindow fault : run.history().faults()) {
        List<Element> bands =
            Pages.ofClass(page, "fault").stream()
                .filter(band -> band.getTextContent().strip().equals(FaultBands.words(fault)))
                .toList();
        assertThat(bands).as(file).isNotEmpty();
        for (Element band : bands) {
          Element picture = Pages.picture(band);
          double left = 0;
          double right = 1088;
          double from = Math.max(left, Pages.place(picture, fault.fromNanos() / 1e9));
          double to = Math.min(right, Pages.place(picture, fault.toNanos() / 1e9));
          assertThat(Pages.number(band, "x") + Pages.number(band, "width"))
              .isCloseTo(to, within(1.6));
          if (from > 120) {
            assertThat(Pages.number(band, "x")).isCloseTo(from, within(1.0));
          }
        }
      }
    }
  }

  @Test
  void aDashedLineShowsWhereTheFinalPartBegins() throws IOException {
    long atNanos = 17_000_000_000L;
    MadeUpRun run = MadeUpRun.of(8, 3, 20_000).with(new Phase(Phase.FINAL, atNanos));
    List<Element> lines = Pages.ofClass(report(run), "phase");
    assertThat(lines).hasSize(4);
    assertThat(lines)
        .allSatisfy(
            line ->
                assertThat(Pages.number(line, "x1"))
                    .isCloseTo(Pages.place(Pages.picture(line), 17), within(1.0)));
  }

  @Test
  void everyPlotShowsEveryFault() throws IOException {
    MadeUpRun run = MadeUpRun.of(9, 6, 45_000);
    List<Element> overTime =
        Pages.all(report(run), "svg", svg -> !Pages.ofClass(svg, "tick").isEmpty());
    assertThat(overTime).hasSize(4);
    assertThat(overTime)
        .allSatisfy(
            svg -> assertThat(Pages.ofClass(svg, "fault")).hasSameSizeAs(run.history().faults()));
  }

  @Test
  void everyLeaderIsShownWithItsTerm() throws IOException {
    MadeUpRun run = MadeUpRun.of(10, 3, 45_000);
    Set<String> expected = new TreeSet<>();
    run.history().memberStates().stream()
        .filter(state -> state.leader())
        .forEach(state -> expected.add(state.node() + " leads term " + state.term()));
    Set<String> shown = new TreeSet<>();
    Pages.ofClass(report(run), "leader")
        .forEach(bar -> shown.add(bar.getTextContent().lines().findFirst().orElseThrow()));
    assertThat(shown).isEqualTo(expected);
  }

  @Test
  void whatComesFromTheRunIsOnlyText() throws IOException {
    MadeUpRun run =
        MadeUpRun.of(11, 3, 20_000)
            .with(new FaultWindow(HOSTILE, HOSTILE, 1_000_000_000L, 2_000_000_000L))
            .with(
                Op.unanswered(
                    500,
                    HOSTILE,
                    new Request.Put(HOSTILE, HOSTILE, 0, false),
                    Result.FAIL,
                    HOSTILE,
                    1,
                    2));
    run.store(directory);
    Files.writeString(directory.resolve("repro.sh"), HOSTILE);
    Files.writeString(directory.resolve("cluster").resolve("a&b#'1.log"), "ERROR " + HOSTILE);
    Files.writeString(directory.resolve("plan.json"), "{\"<i>\": [{\"</td>\": \"<script>\"}]}");
    Report.write(directory);
    for (String file : List.of(Report.REPORT, Report.TIMELINE)) {
      String page = Files.readString(directory.resolve(file));
      assertThat(page).doesNotContain("<script>alert").containsOnlyOnce("<script>");
      assertThat(Pages.all(Pages.read(page), "b", b -> b.hasAttribute("a"))).isEmpty();
    }
  }

  @Test
  void pagesFetchNothing() throws IOException {
    MadeUpRun run = MadeUpRun.of(12, 6, 20_000).withEarlyEnd(5, 3_000);
    run.store(directory);
    Report.write(directory);
    for (String file : List.of(Report.REPORT, Report.TIMELINE)) {
      String page = Files.readString(directory.resolve(file));
      assertThat(page.replace("http://www.w3.org/2000/svg", ""))
          .doesNotContain("http:", "https:", "url(", "@import", " src=", "<link");
    }
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    MadeUpRun run = MadeUpRun.of(13, 90, 40_000).withEarlyEnd(5, 3_000).withTwoLeaders(9_000);
    run.store(directory);
    Report.write(directory);
    Map<String, Element> pages = new HashMap<>();
    for (String file : List.of(Report.REPORT, Report.TIMELINE)) {
      pages.put(file, Pages.read(directory.resolve(file)));
    }
    for (String file : pages.keySet()) {
      for (Element link : Pages.all(pages.get(file), "a", a -> true)) {
        String[] parts = link.getAttribute("href").split("#", 2);
        String target = parts[0].isEmpty() ? file : parts[0];
        assertThat(directory.resolve(target)).exists();
        if (parts.length == 2) {
          assertThat(Pages.all(pages.get(target), "*", e -> e.getAttribute("id").equals(parts[1])))
              .as(file + " -> " + link.getAttribute("href"))
              .hasSize(1);
        }
      }
    }
  }

  @Test
  void theReportSaysHowToDoItAgainAndWithWhatPlan() throws IOException {
    Element page = report(MadeUpRun.of(14, 3, 20_000));
    assertThat(Pages.all(page, "pre", pre -> true).get(0).getTextContent())
        .isEqualTo("./jepsen replay made-up-run/plan.json --backend process");
    assertThat(page.getTextContent())
        .contains("lease-renew", "KILL_LEADER", "quietMillis", "5 s", "n1.log");
    assertThat(page.getTextContent()).contains("the disk is <full>");
  }

  @Test
  void aRunThatWasKilledIsShownWithoutAVerdict() throws IOException {
    MadeUpRun.of(15, 3, 20_000).storeHistory(directory);
    Files.writeString(
        directory.resolve("history.jsonl"), "{\"is\":\"op\",\"pro", StandardOpenOption.APPEND);
    Report.write(directory);
    Element page = Pages.read(directory.resolve(Report.REPORT));
    assertThat(page.getTextContent()).contains("Not judged", "There is no plan.json");
    assertThat(Pages.ofClass(page, "fault")).isNotEmpty();
  }

  @Test
  void aRunInWhichNothingWasRecordedHasPages() throws IOException {
    Files.createFile(directory.resolve("history.jsonl"));
    Report.write(directory);
    assertThat(Pages.read(directory.resolve(Report.REPORT)).getTextContent())
        .contains("No operation was recorded", "Nothing was broken");
    Pages.read(directory.resolve(Report.TIMELINE));
  }

  @Test
  void whatDidNotHappenOftenEnoughIsSaid() throws IOException {
    MadeUpRun run = MadeUpRun.of(16, 3, 20_000);
    run.store(directory);
    Verdicts judged = run.verdicts();
    Files.writeString(
        directory.resolve("verdict.json"),
        Json.write(
            new Verdicts(
                judged.each(), judged.counters(), List.of("fault kill: 0, and 3 are needed"))));
    Report.write(directory);
    assertThat(Pages.read(directory.resolve(Report.REPORT)).getTextContent())
        .contains("fault kill: 0, and 3 are needed");
  }

  @Test
  void aDamagedPlanIsRefusedByName() throws IOException {
    MadeUpRun.of(17, 3, 20_000).store(directory);
    Files.writeString(directory.resolve("plan.json"), "{\"seed\": ");
    assertThatThrownBy(() -> Report.write(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("plan.json");
  }

  @Test
  void pagesAreWrittenAgainOverOldOnes() throws IOException {
    MadeUpRun.of(18, 3, 20_000).store(directory);
    Files.writeString(directory.resolve(Report.REPORT), "old");
    Report.write(directory);
    Report.write(directory);
    assertThat(Files.readString(directory.resolve(Report.REPORT))).startsWith("<!DOCTYPE html>");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "history.jsonl",
              "verdict.json",
              "plan.json",
              "repro.sh",
              "cluster",
              Report.REPORT,
              Report.TIMELINE);
    }
  }

  private Element report(MadeUpRun run) throws IOException {
    run.store(directory);
    Report.write(directory);
    return Pages.read(directory.resolve(Report.REPORT));
  }

  private Element timeline(MadeUpRun run) throws IOException {
    run.store(directory);
    Report.write(directory);
    return Pages.read(directory.resolve(Report.TIMELINE));
  }

  private static String cell(Element row, int place) {
    return row.getElementsByTagName("td").item(place).getTextContent();
  }
}
