package io.leasehold.jepsen.cluster;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/**
 * The harness's own connections to all members, and what these say together. All are added before
 * anybody asks; then for any number of threads.
 */
final class ControlChannels implements AutoCloseable {
  private final TestCluster cluster;
  private final Map<String, ControlChannel> channels = new LinkedHashMap<>();

  /**
   * @param cluster knows who runs, and who is frozen
   */
  ControlChannels(TestCluster cluster) {
    this.cluster = cluster;
  }

  void add(String member, Endpoint client) {
    channels.put(member, new ControlChannel(client));
  }

  ControlChannel of(String member) {
    ControlChannel found = channels.get(member);
    if (found == null) {
      throw new IllegalArgumentException("no member " + member);
    }
    return found;
  }

  /** As {@link TestCluster#leader()}. */
  Optional<String> leader() {
    return statuses().entrySet().stream()
        .filter(entry -> entry.getValue().getLeader() != 0)
        .filter(entry -> entry.getValue().getLeader() == entry.getValue().getHeader().getMemberId())
        .max(Comparator.comparingLong(entry -> entry.getValue().getRaftTerm()))
        .map(Map.Entry::getKey);
  }

  /** Asks all that can answer at once; a frozen one would only cost time. */
  private Map<String, StatusResponse> statuses() {
    Map<String, ListenableFuture<StatusResponse>> asked = new LinkedHashMap<>();
    for (String member : channels.keySet()) {
      if (cluster.isRunning(member) && !cluster.isPaused(member)) {
        asked.put(member, of(member).askStatus());
      }
    }
    Map<String, StatusResponse> answers = new LinkedHashMap<>();
    asked.forEach(
        (member, answer) -> {
          try {
            answers.put(member, answer.get());
          } catch (ExecutionException e) {
            // Does not answer: counts for nothing.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted", e);
          }
        });
    return answers;
  }

  /** As {@link TestCluster#moveLeader}. */
  boolean moveLeader(String leader, String target) {
    try {
      long targetId = of(target).status().getHeader().getMemberId();
      of(leader).moveLeader(targetId);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** As {@link TestCluster#isReady()}. */
  boolean isReady() {
    Map<String, StatusResponse> statuses = statuses();
    Set<Long> leaders = new HashSet<>();
    Set<Long> present = new HashSet<>();
    for (StatusResponse status : statuses.values()) {
      leaders.add(status.getLeader());
      present.add(status.getHeader().getMemberId());
    }
    long running = channels.keySet().stream().filter(cluster::isRunning).count();
    return statuses.size() == running && leaders.size() == 1 && present.containsAll(leaders);
  }

  @Override
  public void close() {
    Cleanup cleanup = new Cleanup();
    channels.values().forEach(channel -> cleanup.attempt(channel::close));
    cleanup.finish("connections stay open");
  }
}
