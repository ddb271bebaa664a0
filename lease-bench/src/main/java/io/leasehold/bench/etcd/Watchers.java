package io.leasehold.bench.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.bench.wire.Call;
import io.leasehold.bench.wire.CallListener;
import io.leasehold.bench.wire.Connection;
import io.leasehold.bench.wire.Link;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Watchers on one stream, which tell of what they see. Confined to the link's event loop. */
public final class Watchers {
  /** Told of every event, on the event loop. */
  public interface Listener {
    void event(Event event, long nowNanos);
  }

  private final Link link;
  private final Listener listener;
  private final CompletableFuture<Void> created = new CompletableFuture<>();
  private @Nullable Call call;
  private int missing;

  private Watchers(Link link, int count, Listener listener) {
    this.link = link;
    this.missing = count;
    this.listener = listener;
  }

  /**
   * Opens a stream with watchers. The future completes when the member has all of them, and fails
   * when the stream ends before.
   *
   * @param watchers what each watches, by its number
   */
  public static CompletableFuture<Watchers> open(
      Link link, int count, IntFunction<WatchCreateRequest> watchers, Listener listener) {
    Watchers opened = new Watchers(link, count, listener);
    link.eventLoop().execute(() -> opened.begin(count, watchers));
    return opened.created.thenApply(any -> opened);
  }

  /** Returns a request to watch all keys that begin like this. */
  public static WatchCreateRequest prefix(ByteString prefix) {
    byte[] end = prefix.toByteArray();
    // Prefixes here end in a character that has a next one.
    end[end.length - 1]++;
    return WatchCreateRequest.newBuilder()
        .setKey(prefix)
        .setRangeEnd(ByteString.copyFrom(end))
        .build();
  }

  private void begin(int count, IntFunction<WatchCreateRequest> watchers) {
    Connection connection = link.connection();
    if (connection == null) {
      created.completeExceptionally(new IOException("not connected"));
      return;
    }
    Call opened = connection.open(EtcdMethods.WATCH, new Answers());
    call = opened;
    for (int i = 0; i < count; i++) {
      opened.send(
          WatchRequest.newBuilder().setCreateRequest(watchers.apply(i)).build().toByteArray());
    }
    connection.flush();
  }

  /** Ends the stream. From any thread. */
  public void close() {
    link.eventLoop()
        .execute(
            () -> {
              if (call != null) {
                call.cancel();
                call = null;
              }
            });
  }

  private final class Answers implements CallListener {
    @Override
    public void message(ByteBuf bytes, int begin, int length, long nowNanos) {
      WatchResponse response;
      try {
        response =
            WatchResponse.parseFrom(CodedInputStream.newInstance(bytes.nioBuffer(begin, length)));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      if (response.getCreated()) {
        missing--;
        if (missing == 0) {
          created.complete(null);
        }
      }
      for (int i = 0; i < response.getEventsCount(); i++) {
        listener.event(response.getEvents(i), nowNanos);
      }
    }

    @Override
    public void closed(Status.Code code, String message, long nowNanos) {
      call = null;
      created.completeExceptionally(new IOException("the watch ended: " + code + ", " + message));
    }
  }
}
