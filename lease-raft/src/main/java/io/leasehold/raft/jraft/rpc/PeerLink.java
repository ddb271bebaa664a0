package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.ProtobufMsgFactory;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.proto.v1.RaftFrame;
import io.leasehold.raft.proto.v1.RaftLinkGrpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of this member to one other over one stream, which is opened anew whenever it breaks or
 * falls silent.
 *
 * <p>A call on a link that is not connected fails at once: nothing is kept for later. Any thread
 * calls. The answer to entries is handled on the event loop that reads it, since whoever made them
 * waits for it; all other answers, and every failure, run on the executor that the call brought. So
 * does every answer of a peer that does not keep up: JRaft goes on from it to read and send as much
 * as it may of what the peer lacks, megabytes at a time, while the others' answers would wait and
 * nothing of it would leave. State is guarded by {@code this}; callbacks run outside.
 */
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  /**
   * Requests outstanding, in bytes: a peer that takes no more is not sent more. JRaft keeps well
   * below.
   */
  private static final long OUTSTANDING_BYTES_MAX = 64L << 20;

  /** A peer with more outstanding than this, in bytes or in requests, does not keep up. */
  private static final long KEEPS_UP_BYTES_MAX = 64 << 10;

  private static final int KEEPS_UP_CALLS_MAX = 16;

  private record Call(
      InvokeCallback callback, boolean hasEntries, long deadlineNanos, long bytes) {}

  private final PeerAddress peer;
  private final RaftTransport transport;
  private final Function<PeerAddress, ManagedChannel> channels;
  private final Runnable connected;
  private final @Nullable PeerLink companion;

  private @Nullable ManagedChannel channel;
  private @Nullable Stream stream;
  private boolean closed;
  private String lastRefusal = "";

  /** Whether the link has been trying to connect, since {@link #triedSinceNanos}. */
  private boolean trying;

  private long triedSinceNanos;

  /** When anything was last heard on the link, in any of its lives. */
  private volatile long heardNanos;

  /**
   * @param channels opens a channel to the address that leads to the peer
   * @param connected runs each time the link has been connected
   * @param companion another link to the same member: whoever is heard there is not silent here,
   *     but at work on what takes long
   */
  PeerLink(
      PeerAddress peer,
      RaftTransport transport,
      Function<PeerAddress, ManagedChannel> channels,
      Runnable connected,
      @Nullable PeerLink companion) {
    this.companion = companion;
    this.heardNanos = transport.clock().nanoTime();
    this.peer = peer;
    this.transport = transport;
    this.channels = channels;
    this.connected = connected;
  }

  /** Tells whether calls can be made now; if not, sees to it that they can soon. */
  synchronized boolean isConnected() {
    if (stream == null && !closed) {
      open();
    }
    return stream != null && stream.accepted.getCount() == 0;
  }

  /**
   * Waits until calls can be made, and tells whether they can. A link that has been trying for as
   * long already is not waited for: JRaft asks with its lock held, and an election must not stand
   * still for each peer that is down.
   */
  boolean awaitConnected(long timeoutMillis) throws InterruptedException {
    CountDownLatch accepted;
    long waitNanos;
    synchronized (this) {
      if (isConnected()) {
        return true;
      }
      if (stream == null) {
        return false;
      }
      accepted = stream.accepted;
      waitNanos = triedSinceNanos + timeoutMillis * 1_000_000 - transport.clock().nanoTime();
    }
    return waitNanos > 0 && accepted.await(waitNanos, TimeUnit.NANOSECONDS) && isConnected();
  }

  void call(Message request, boolean transfer, InvokeCallback callback, long timeoutMillis)
      throws RemotingException {
    byte[] body = request.toByteArray();
    long deadline = transport.clock().nanoTime() + timeoutMillis * 1_000_000;
    synchronized (this) {
      Stream current = stream;
      if (current == null || !isConnected()) {
        throw new RemotingException("not connected to " + peer);
      }
      if (current.outstandingBytes + body.length > OUTSTANDING_BYTES_MAX) {
        throw new RemotingException("too much outstanding to " + peer);
      }
      current.send(
          frame(request, body).setTransfer(transfer),
          new Call(callback, hasEntries(request), deadline, body.length));
    }
  }

  /**
   * Sends what nobody answers, if the link is connected. It counts for nothing in what is
   * outstanding: the caller bounds it.
   */
  void sendOneWay(Message request) {
    byte[] body = request.toByteArray();
    synchronized (this) {
      if (stream != null && isConnected()) {
        stream.sendOneWay(frame(request, body).setOneWay(true));
      }
    }
  }

  /** A probe has none: it asks from where on the peer lacks entries. */
  private static boolean hasEntries(Message request) {
    return request instanceof AppendEntriesRequest append && append.getEntriesCount() > 0;
  }

  private static RaftFrame.Builder frame(Message request, byte[] body) {
    return RaftFrame.newBuilder()
        .setMessageType(request.getDescriptorForType().getFullName())
        .setBody(UnsafeByteOperations.unsafeWrap(body));
  }

  /**
   * Ends overdue calls, opens the link anew when it is broken or silent. Timer thread, every few
   * tens of milliseconds.
   */
  void lookAfter() {
    List<Call> overdue = new ArrayList<>();
    List<Call> cutOff = List.of();
    long now = transport.clock().nanoTime();
    synchronized (this) {
      if (closed) {
        return;
      }
      if (stream == null) {
        open();
      }
      if (channel != null) {
        PeerChannel.hurry(channel);
      }
      if (stream != null) {
        stream.takeOverdue(now, overdue);
        if (stream.isSilent(now)) {
          cutOff = stream.takeAll();
          dropChannel();
        }
      }
    }
    fail(overdue, new InvokeTimeoutException("no answer in time from " + peer));
    fail(cutOff, new RemotingException("nothing heard from " + peer));
  }

  /** Tells whether calls have waited for {@code nanos} without anything heard on this link. */
  synchronized boolean isQuietFor(long nanos) {
    return stream != null
        && stream.isWaitingSince(heardNanos, transport.clock().nanoTime() - nanos);
  }

  void close() {
    List<Call> cutOff;
    synchronized (this) {
      closed = true;
      cutOff = stream == null ? List.of() : stream.takeAll();
      dropChannel();
    }
    fail(cutOff, new RemotingException("the link to " + peer + " was closed"));
  }

  @Override
  public String toString() {
    return "the link to " + peer;
  }

  private void open() {
    if (channel == null) {
      channel = channels.apply(transport.routes().toward(peer));
    }
    if (!trying) {
      trying = true;
      triedSinceNanos = transport.clock().nanoTime();
    }
    Stream opened = new Stream();
    stream = opened;
    RaftLinkGrpc.RaftLinkStub stub = RaftLinkGrpc.newStub(channel).withWaitForReady();
    // Whoever opens it may be serving a client's call: the link must not end with that.
    Context.ROOT.run(() -> opened.out = stub.exchange(opened));
  }

  private void dropChannel() {
    stream = null;
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
  }

  private void broken(Stream brokenStream, Status status) {
    List<Call> cutOff;
    synchronized (this) {
      cutOff = brokenStream.takeAll();
      if (stream == brokenStream) {
        stream = null;
      }
      if (status.getCode() == Status.Code.FAILED_PRECONDITION
          && !lastRefusal.equals(status.getDescription())) {
        lastRefusal = String.valueOf(status.getDescription());
        LOG.warn("{} refuses this member: {}", peer, lastRefusal);
      }
    }
    fail(cutOff, new RemotingException("the link to " + peer + " broke: " + status.getCode()));
  }

  private void fail(List<Call> calls, RemotingException cause) {
    for (Call call : calls) {
      complete(call, () -> call.callback().complete(null, cause));
    }
  }

  /**
   * Answers a call on the executor it brought. JRaft bounds its executors and stops them with the
   * node: an answer they refuse still has to arrive, or a replicator would wait for it for ever.
   */
  private void complete(Call call, Runnable answer) {
    Executor itsOwn = call.callback().executor();
    try {
      (itsOwn == null ? transport.callbacks() : itsOwn).execute(answer);
    } catch (RejectedExecutionException e) {
      transport.callbacks().execute(answer);
    }
  }

  /** One life of the link. State is guarded by the link. */
  private final class Stream implements StreamObserver<RaftFrame> {
    private final Map<Long, Call> calls = new LinkedHashMap<>();
    private final CountDownLatch accepted = new CountDownLatch(1);
    private @Nullable StreamObserver<RaftFrame> out;
    private long lastCallId;
    private long outstandingBytes;
    private long busySinceNanos;

    void send(RaftFrame.Builder frame, Call call) {
      if (calls.isEmpty()) {
        busySinceNanos = transport.clock().nanoTime();
      }
      calls.put(++lastCallId, call);
      outstandingBytes += call.bytes();
      if (out != null) {
        out.onNext(frame.setCallId(lastCallId).build());
      }
    }

    void sendOneWay(RaftFrame.Builder frame) {
      if (out != null) {
        // With a number of its own: a member of an earlier version answers it.
        out.onNext(frame.setCallId(++lastCallId).build());
      }
    }

    boolean isSilent(long now) {
      long moment = now - transport.silenceNanos();
      return isWaitingSince(heardNanos, moment)
          && (companion == null || companion.heardNanos - moment < 0);
    }

    /** Tells whether calls wait that were there, with nothing heard, at {@code moment} already. */
    boolean isWaitingSince(long heard, long moment) {
      return !calls.isEmpty() && busySinceNanos - moment < 0 && heard - moment < 0;
    }

    void takeOverdue(long now, List<Call> overdue) {
      calls
          .values()
          .removeIf(
              call -> {
                if (now - call.deadlineNanos() < 0) {
                  return false;
                }
                outstandingBytes -= call.bytes();
                overdue.add(call);
                return true;
              });
    }

    List<Call> takeAll() {
      List<Call> taken = new ArrayList<>(calls.values());
      calls.clear();
      outstandingBytes = 0;
      return taken;
    }

    @Override
    public void onNext(RaftFrame frame) {
      Call call;
      boolean keepsUp;
      synchronized (PeerLink.this) {
        heardNanos = transport.clock().nanoTime();
        if (frame.getCallId() == RaftLinkService.ACCEPTED) {
          accepted.countDown();
          trying = false;
          lastRefusal = "";
          transport.callbacks().execute(connected);
          return;
        }
        keepsUp = calls.size() <= KEEPS_UP_CALLS_MAX && outstandingBytes <= KEEPS_UP_BYTES_MAX;
        call = calls.remove(frame.getCallId());
        if (call == null) {
          return; // answered too late
        }
        outstandingBytes -= call.bytes();
      }
      Message answer =
          ProtobufMsgFactory.newMessageByProtoClassName(
              frame.getMessageType(), frame.getBody().toByteArray());
      if (keepsUp && call.hasEntries()) {
        answerHere(call.callback(), answer);
      } else {
        complete(call, () -> call.callback().complete(answer, null));
      }
    }

    /** An exception would end the stream. */
    private void answerHere(InvokeCallback callback, Message answer) {
      try {
        callback.complete(answer, null);
      } catch (RuntimeException e) {
        LOG.error("an answer of {} was not handled", peer, e);
      }
    }

    @Override
    public void onError(Throwable error) {
      broken(this, Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      broken(this, Status.UNAVAILABLE);
    }
  }
}
