package io.leasehold.bench.etcd;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.wire.Call;
import io.leasehold.bench.wire.CallListener;
import io.leasehold.bench.wire.Connection;
import io.leasehold.bench.wire.Link;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream of renewals, by which a range of leases is renewed in turn; as many messages are
 * outstanding as it has lanes, no two of the same lease. When the stream ends another is opened.
 * Confined to its link's event loop.
 */
public final class RenewalStream {
  private final Link link;
  private final Renewals renewals;
  private final @Nullable RenewalLane[] waiting;
  private final List<RenewalLane> lanes = new ArrayList<>();
  private @Nullable Call call;
  private int next;

  private RenewalStream(Link link, Renewals renewals, int outstanding) {
    if (renewals.count() < outstanding) {
      throw new IllegalArgumentException(
          outstanding + " messages outstanding of " + renewals.count());
    }
    this.link = link;
    this.renewals = renewals;
    this.waiting = new RenewalLane[renewals.count()];
    for (int i = 0; i < outstanding; i++) {
      lanes.add(new RenewalLane(this));
    }
  }

  /** Returns one by which leases are renewed one by one, as etcd has it. */
  public static RenewalStream ofSingle(Link link, LeaseRange leases, int outstanding) {
    return new RenewalStream(link, new SingleRenewals(leases), outstanding);
  }

  /**
   * Returns one by which many leases are renewed with each message.
   *
   * @param leases of which those beyond the last full message are left out
   */
  public static RenewalStream ofBatches(
      Link link, LeaseRange leases, int leasesOfMessage, int outstanding) {
    return new RenewalStream(link, new BatchRenewals(leases, leasesOfMessage), outstanding);
  }

  public List<? extends Lane> lanes() {
    return lanes;
  }

  private static final class RenewalLane extends Lane {
    private final RenewalStream stream;

    RenewalLane(RenewalStream stream) {
      super(stream.link.eventLoop());
      this.stream = stream;
    }

    @Override
    protected boolean begin(long nowNanos) {
      stream.renewNext(this, nowNanos);
      return true;
    }

    @Override
    protected void end() {
      stream.end();
    }

    void answered(long nowNanos) {
      done(nowNanos);
    }

    void refused(Status.Code code, String message, long nowNanos) {
      failed(code, message, nowNanos);
    }
  }

  private void renewNext(RenewalLane lane, long nowNanos) {
    Connection connection = link.connection();
    if (connection == null) {
      lane.refused(Status.Code.UNAVAILABLE, "not connected", nowNanos);
      return;
    }
    Call current = call;
    if (current == null) {
      current = connection.open(renewals.method(), new Answers());
      call = current;
    }
    while (waiting[next] != null) {
      next = next + 1 == waiting.length ? 0 : next + 1;
    }
    waiting[next] = lane;
    current.send(renewals.request(next));
    next = next + 1 == waiting.length ? 0 : next + 1;
    connection.flush();
  }

  private void end() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  /** Of one call; a later one has answers of its own. */
  private final class Answers implements CallListener {
    @Override
    public void message(ByteBuf bytes, int begin, int length, long nowNanos) {
      int number = renewals.readAnswer(bytes, begin, length);
      RenewalLane lane = waiting[number];
      if (lane == null) {
        throw new IllegalStateException("an answer that nobody waits for: message " + number);
      }
      waiting[number] = null;
      if (renewals.isRenewed()) {
        lane.answered(nowNanos);
      } else {
        lane.refused(Status.Code.NOT_FOUND, "not all of message " + number + " renewed", nowNanos);
      }
    }

    @Override
    public void closed(Status.Code code, String message, long nowNanos) {
      call = null;
      List<RenewalLane> open = new ArrayList<>();
      for (RenewalLane lane : waiting) {
        if (lane != null) {
          open.add(lane);
        }
      }
      Arrays.fill(waiting, null);
      open.forEach(lane -> lane.refused(code, message, nowNanos));
    }
  }
}
