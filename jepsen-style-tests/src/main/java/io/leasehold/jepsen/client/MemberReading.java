package io.leasehold.jepsen.client;

import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.history.MemberState;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks a member what it is and what it has. For any number of threads. */
public final class MemberReading {
  private static final Pattern LEASES =
      Pattern.compile("^leasehold_leases(?:\\{[^}]*})? ([0-9.eE+]+)$", Pattern.MULTILINE);

  private final TestCluster cluster;
  private final RunClock clock;
  private final boolean hasDigest;

  private MemberReading(TestCluster cluster, RunClock clock, boolean hasDigest) {
    this.cluster = cluster;
    this.clock = clock;
    this.hasDigest = hasDigest;
  }

  /** Neither digests, which other servers make of other things, nor lease counts. */
  public static MemberReading plain(TestCluster cluster, RunClock clock) {
    return new MemberReading(cluster, clock, false);
  }

  /** What Leasehold says beyond that. */
  public static MemberReading ofLeasehold(TestCluster cluster, RunClock clock) {
    return new MemberReading(cluster, clock, true);
  }

  /**
   * Returns what the member is now; null when it does not say. The digest and the lease count are
   * there only if nothing was applied while they were read.
   */
  public @Nullable MemberState of(String member, boolean countsLeases) {
    try {
      StatusResponse before = cluster.status(member);
      if (!hasDigest) {
        return state(member, before, -1, "");
      }
      String digest = Long.toHexString(cluster.hash(member));
      long leases = countsLeases ? leases(member) : -1;
      StatusResponse after = cluster.status(member);
      boolean isOneState = before.getRaftAppliedIndex() == after.getRaftAppliedIndex();
      return isOneState ? state(member, after, leases, digest) : state(member, after, -1, "");
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  private MemberState state(String member, StatusResponse status, long leases, String digest) {
    boolean isLeader =
        status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId();
    return new MemberState(
        member,
        clock.nowNanos(),
        status.getRaftTerm(),
        isLeader,
        status.getRaftAppliedIndex(),
        status.getHeader().getRevision(),
        leases,
        digest);
  }

  private long leases(String member) {
    try {
      Matcher found = LEASES.matcher(cluster.metrics(member));
      return found.find() ? (long) Double.parseDouble(found.group(1)) : -1;
    } catch (IOException e) {
      return -1;
    }
  }
}
