package io.leasehold.jepsen.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leasehold.jepsen.check.Judge;
import io.leasehold.jepsen.check.RunParameters;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.HistoryWriter;
import io.leasehold.jepsen.history.Json;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.history.Stall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A run that never took place, the same from the same seed: clients renew leases and write keys,
 * leaders die, and some requests are never answered. Times are in milliseconds.
 */
final class MadeUpRun {
  private static final long MILLI = 1_000_000;
  private static final long TTL_SECONDS = 4;
  private static final List<String> NODES = List.of("n1", "n2", "n3");
  private static final List<String> KINDS =
      List.of("KILL_LEADER", "PAUSE_LEADER", "PARTITION_HALF", "LEADER_TRANSFERS");

  private final Random random;
  private final long lengthMillis;
  private final List<Entry> entries = new ArrayList<>();
  private final List<FaultWindow> faults = new ArrayList<>();
  private long processes;
  private long leases = 7_587_880_000L;
  private int values;

  private MadeUpRun(long seed, long lengthMillis) {
    this.random = new Random(seed);
    this.lengthMillis = lengthMillis;
  }

  /** A run with so many clients, and a fault every eight seconds. */
  static MadeUpRun of(long seed, int clients, long lengthMillis) {
    MadeUpRun run = new MadeUpRun(seed, lengthMillis);
    run.faults();
    run.members();
    for (int i = 0; i < clients; i++) {
      if (i % 3 == 2) {
        run.writer();
      } else {
        run.renewer();
      }
    }
    run.entries.add(new Stall(3000 * MILLI, 3080 * MILLI));
    return run;
  }

  MadeUpRun with(Entry entry) {
    entries.add(entry);
    return this;
  }

  /** A lease that was seen gone long before its TTL was over: violates P1. */
  MadeUpRun withEarlyEnd(long leaseId, long fromMillis) {
    entries.add(
        ok(
            9001,
            "n1",
            new Request.Grant(leaseId, TTL_SECONDS),
            new Answer.Granted(leaseId, TTL_SECONDS),
            fromMillis,
            fromMillis + 3));
    entries.add(
        ok(
            9001,
            "n2",
            new Request.Renew(leaseId),
            new Answer.Renewed(TTL_SECONDS),
            fromMillis + 900,
            fromMillis + 904));
    entries.add(
        ok(
            9002,
            "n3",
            new Request.TimeToLive(leaseId, false),
            new Answer.TimeLeft(-1, 0, List.of()),
            fromMillis + 1800,
            fromMillis + 1802));
    return this;
  }

  /** A member that takes itself for the leader of another's term: violates P10. */
  MadeUpRun withTwoLeaders(long atMillis) {
    long elections = electionsBefore(atMillis);
    String other = NODES.get((int) ((elections + 1) % NODES.size()));
    entries.add(
        new MemberState(other, atMillis * MILLI, 2 + elections, true, atMillis, atMillis, 20, ""));
    return this;
  }

  History history() {
    return new History(entries);
  }

  Verdicts verdicts() {
    return Judge.judge(history(), parameters());
  }

  static RunParameters parameters() {
    return RunParameters.defaults()
        .withLatenessNanosMax(3_000 * MILLI)
        .withMinimums(Map.of("leases", 1.0, "faults", 1.0));
  }

  /** As a run leaves it behind. */
  void store(Path directory) throws IOException {
    storeHistory(directory);
    Files.writeString(directory.resolve("verdict.json"), Json.write(verdicts()));
    Files.writeString(directory.resolve("plan.json"), plan().toString());
    Files.writeString(
        directory.resolve("repro.sh"),
        "#!/bin/sh\n./jepsen replay made-up-run/plan.json --backend process\n");
    Path cluster = Files.createDirectories(directory.resolve("cluster"));
    for (String node : NODES) {
      Files.writeString(
          cluster.resolve(node + ".log"),
          """
          00:00:01.000 INFO  started
          00:00:02.000 WARN  no leader
          00:00:03.000 ERROR the disk is <full>
          """);
    }
  }

  void storeHistory(Path directory) throws IOException {
    try (HistoryWriter writer = new HistoryWriter(directory.resolve("history.jsonl"))) {
      for (Entry entry : entries) {
        writer.append(entry);
      }
    }
  }

  private JsonObject plan() {
    JsonObject plan = new JsonObject();
    plan.addProperty("workload", "lease-renew");
    plan.addProperty("seed", 42);
    plan.addProperty("seconds", lengthMillis / 1000);
    plan.addProperty("backend", "process");
    plan.addProperty("size", NODES.size());
    JsonArray steps = new JsonArray();
    for (FaultWindow fault : faults) {
      JsonObject step = new JsonObject();
      step.addProperty("kind", fault.kind());
      step.addProperty("seed", random.nextLong());
      step.addProperty("quietMillis", 5000);
      step.addProperty("lengthMillis", (fault.toNanos() - fault.fromNanos()) / MILLI);
      steps.add(step);
    }
    plan.add("schedule", steps);
    plan.add("parameters", Json.read(Json.write(parameters()), JsonObject.class));
    return plan;
  }

  private void faults() {
    for (long from = 5000; from + 4000 < lengthMillis; from += 8000) {
      FaultWindow fault =
          new FaultWindow(
              KINDS.get(faults.size() % KINDS.size()),
              NODES.get(faults.size() % NODES.size()),
              from * MILLI,
              (from + 1500 + random.nextInt(2000)) * MILLI);
      faults.add(fault);
      entries.add(fault);
    }
  }

  /** The leader that a fault hits is silent, and another one leads from a second later on. */
  private void members() {
    for (String node : NODES) {
      for (long at = random.nextInt(100); at < lengthMillis; at += 90 + random.nextInt(20)) {
        FaultWindow current = faultAt(at);
        if (current != null && current.target().equals(node)) {
          continue;
        }
        long elections = electionsBefore(at);
        String leader = NODES.get((int) (elections % NODES.size()));
        entries.add(
            new MemberState(node, at * MILLI, 2 + elections, node.equals(leader), at, at, 20, ""));
      }
    }
  }

  private long electionsBefore(long atMillis) {
    return faults.stream()
        .filter(each -> each.fromNanos() + 1000 * MILLI <= atMillis * MILLI)
        .count();
  }

  private @Nullable FaultWindow faultAt(long atMillis) {
    return faults.stream()
        .filter(each -> each.overlaps(atMillis * MILLI, atMillis * MILLI))
        .findFirst()
        .orElse(null);
  }

  /** Grants, renews a few times, then only looks until it is gone, and begins again. */
  private void renewer() {
    long process = ++processes;
    long at = random.nextInt(1000);
    while (at < lengthMillis - 8000) {
      long leaseId = ++leases;
      long end = at + latency();
      entries.add(
          ok(
              process,
              node(),
              new Request.Grant(0, TTL_SECONDS),
              new Answer.Granted(leaseId, TTL_SECONDS),
              at,
              end));
      long due = end + TTL_SECONDS * 1000;
      int renewals = 3 + random.nextInt(8);
      at = end;
      for (int i = 0; i < renewals && at < lengthMillis - 8000; i++) {
        at += 300 + random.nextInt(900);
        if (faultAt(at) != null && random.nextInt(4) == 0) {
          entries.add(unknown(process, new Request.Renew(leaseId), at, at + 1000));
          process = ++processes;
          at += 1000;
          continue;
        }
        end = at + latency();
        entries.add(
            ok(
                process,
                node(),
                new Request.Renew(leaseId),
                new Answer.Renewed(TTL_SECONDS),
                at,
                end));
        due = end + TTL_SECONDS * 1000;
        at = end;
      }
      long goneAt =
          due + 20 + random.nextInt(180) + (faultAt(due) == null ? 0 : random.nextInt(1500));
      for (at = Math.max(at, due - 1000); at < goneAt; at += 100) {
        entries.add(look(process, leaseId, 1 + Math.max(0, due - at) / 1000, at));
      }
      entries.add(look(process, leaseId, -1, at));
      at += 50;
    }
  }

  private Op look(long process, long leaseId, long left, long at) {
    return ok(
        process,
        node(),
        new Request.TimeToLive(leaseId, false),
        new Answer.TimeLeft(left, left < 0 ? 0 : TTL_SECONDS, List.of()),
        at,
        at + 1 + random.nextInt(3));
  }

  private void writer() {
    long process = ++processes;
    long at = random.nextInt(300);
    while (at < lengthMillis) {
      String key = "k" + random.nextInt(5);
      Request.Put put = new Request.Put(key, "v" + values++, 0, false);
      if (faultAt(at) != null && random.nextInt(3) == 0) {
        if (random.nextBoolean()) {
          entries.add(unknown(process, put, at, at + 800));
          process = ++processes;
          at += 800;
        } else {
          entries.add(
              Op.unanswered(
                  process,
                  node(),
                  put,
                  Result.FAIL,
                  "FAILED_PRECONDITION: no leader",
                  at * MILLI,
                  (at + 2) * MILLI));
        }
      } else {
        entries.add(ok(process, node(), put, new Answer.Written(null), at, at + latency()));
      }
      at += 30 + random.nextInt(120);
    }
  }

  private long latency() {
    double skewed = Math.exp(random.nextGaussian() * 0.6);
    return Math.max(1, Math.round(2 * skewed + (random.nextInt(200) == 0 ? 60 : 0)));
  }

  private String node() {
    return NODES.get(random.nextInt(NODES.size()));
  }

  private Op ok(
      long process, String node, Request request, Answer answer, long fromMillis, long toMillis) {
    return Op.ok(
        process,
        node,
        request,
        answer,
        // Grows with time, as it does for those who look one after the other.
        fromMillis * 1000 + process % 1000,
        2 + electionsBefore(fromMillis),
        fromMillis * MILLI + random.nextInt(400_000),
        toMillis * MILLI + 400_000 + random.nextInt(400_000));
  }

  private Op unknown(long process, Request request, long fromMillis, long toMillis) {
    return Op.unanswered(
        process,
        node(),
        request,
        Result.INFO,
        "DEADLINE_EXCEEDED: deadline exceeded after 1s",
        fromMillis * MILLI,
        toMillis * MILLI);
  }
}
