package io.leasehold.jepsen.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** An engine that only remembers what it was asked for, and fails where a test wants it to. */
final class MadeUpEngine implements Engine {
  static final int KILLED = 137;

  final List<String> calls = new ArrayList<>();
  final Set<String> failing = new HashSet<>();
  final Map<String, Integer> failingTimes = new HashMap<>();
  final Set<String> endingAtOnce = new HashSet<>();
  final Map<String, Long> packets = new HashMap<>();
  private final List<String> members;
  private final Map<String, CompletableFuture<Integer>> ends = new HashMap<>();
  private final Map<String, Integer> containers = new HashMap<>();
  private final Set<String> paused = new HashSet<>();

  MadeUpEngine(List<String> members) {
    this.members = members;
  }

  private void called(String call) {
    calls.add(call);
    int times = failingTimes.getOrDefault(call, 0);
    failingTimes.put(call, times - 1);
    if (times > 0 || failing.contains(call)) {
      throw new ClusterException("the engine cannot " + call);
    }
  }

  private void begin(String member) {
    ends.put(member, new CompletableFuture<>());
  }

  private CompletableFuture<Integer> of(String member) {
    CompletableFuture<Integer> end = ends.get(member);
    if (end == null) {
      throw new ClusterException("there are 0 containers of " + member);
    }
    return end;
  }

  /** A container ends, whoever wanted it to. */
  void end(String member, int exitCode) {
    of(member).complete(exitCode);
  }

  @Override
  public void up() {
    called("up");
    members.forEach(
        member -> {
          containers.put(member, 1);
          begin(member);
          if (endingAtOnce.contains(member)) {
            end(member, 1);
          }
        });
  }

  @Override
  public void makeAnew(String member, boolean replacesLost) {
    called("make " + member + (replacesLost ? " for the lost one" : ""));
    containers.merge(member, 1, Integer::sum);
    begin(member);
  }

  @Override
  public void start(String member) {
    called("start " + member);
    begin(member);
  }

  @Override
  public void stop(String member, Duration max) {
    called("stop " + member);
    end(member, 0);
  }

  @Override
  public void kill(String member) {
    called("kill " + member);
    end(member, KILLED);
  }

  @Override
  public void pause(String member) {
    called("pause " + member);
    paused.add(member);
  }

  @Override
  public void unpause(String member) {
    called("unpause " + member);
    paused.remove(member);
  }

  @Override
  public boolean isPaused(String member) {
    return paused.contains(member);
  }

  @Override
  public CompletableFuture<Integer> end(String member) {
    return of(member);
  }

  @Override
  public void remove(String member) {
    called("remove " + member);
    ends.remove(member);
  }

  @Override
  public void detach(String member) {
    called("detach " + member);
  }

  @Override
  public void attach(String member) {
    called("attach " + member);
  }

  @Override
  public long packetsWithoutWay(String member) {
    return packets.getOrDefault(member, 0L);
  }

  @Override
  public byte[] written(String member) {
    return ("container " + containers.get(member) + " of " + member + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    called("close");
  }
}
