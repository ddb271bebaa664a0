package io.leasehold.server.grpc;

import io.grpc.Status;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's stream of renewals, whatever carries it. Each request gets one answer; one that must
 * wait holds up no other.
 *
 * <p>Requests arrive on the event loop, which answers most of them there and then. The others are
 * answered by whatever thread has the answer.
 */
abstract class KeepAliveStream implements OpenStreams.OpenStream {
  /**
   * Requests that may be without an answer, or answered but unread, before no more are taken from
   * the network: a client that does not read is not read from.
   */
  static final int WINDOW = 1024;

  /** Room for requests is used in portions, since each use of it costs. */
  static final int PORTION = 64;

  /** Of the renewals that need memory alone one in so many is timed. */
  static final int SAMPLE = 64;

  final KeepAlives shared;

  /** Renewals that wait, and one more while the client may send. */
  private final AtomicInteger open = new AtomicInteger(1);

  KeepAliveStream(KeepAlives shared) {
    this.shared = shared;
  }

  /** Sends an answer. Any thread. */
  abstract void answer(ResponseHeader header, long leaseId, long ttlMillis);

  /** Ends the stream after all that was sent before. Any thread. */
  abstract void end(Status status);

  /** To be called before the first request is taken. */
  final void opened(boolean requiresLeader) {
    shared.openStreams().add(this, requiresLeader);
  }

  /** To be called when the stream is over, for whatever reason; any number of times. */
  final void ended() {
    shared.openStreams().remove(this);
  }

  /** Renews what needs more than memory. */
  final void renewLater(ResponseHeader header, long leaseId) {
    open.incrementAndGet();
    shared.router().renew(leaseId, new WaitingRenewal(header, leaseId, shared.clock().nanoTime()));
  }

  /** To be called when the client sends no more. The stream ends after the last answer. */
  final void inputEnded() {
    close();
  }

  @Override
  public final void cut(EtcdError why) {
    end(why.status());
    ended();
  }

  private void close() {
    if (open.decrementAndGet() == 0) {
      end(Status.OK);
      ended();
    }
  }

  /** A renewal that waits for another member, the log or a proof of leadership. */
  private final class WaitingRenewal implements LeaseRouter.RenewalCallback {
    private final ResponseHeader header;
    private final long leaseId;
    private final long startNanos;

    WaitingRenewal(ResponseHeader header, long leaseId, long startNanos) {
      this.header = header;
      this.leaseId = leaseId;
      this.startNanos = startNanos;
    }

    @Override
    public void renewed(long ttlMillis) {
      answer(header, leaseId, ttlMillis);
      shared.metrics().renewedLater();
      answered();
    }

    @Override
    public void notFound() {
      answer(header, leaseId, 0);
      shared.metrics().renewalNotFound();
      answered();
    }

    @Override
    public void failed(RequestFailure failure) {
      shared.metrics().renewalFailed();
      cut(EtcdError.of(failure));
      close();
    }

    private void answered() {
      shared.metrics().renewalAnswered(shared.clock().nanoTime() - startNanos);
      close();
    }
  }
}
