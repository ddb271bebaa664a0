package io.leasehold.server.recipe;

import io.grpc.Status;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells who is first in a line, and each value the first publishes, in order, from the present on.
 * That nobody is first any more is not told, as etcd does it.
 *
 * <p>Keeps a copy of the line, so that what is told is exact at each revision. State is guarded by
 * {@code this}; the listener is called under it, one call at a time, and must not block.
 */
public final class Observation implements AutoCloseable {
  /** Hears what is observed. */
  public interface Listener {
    /**
     * Hears of a new first key, or of a new value of it.
     *
     * @param revision the revision at which it came to be so, or of the look at the start
     */
    void leads(KeyValue first, long revision);

    void failed(Throwable cause);
  }

  private final KeyAccess keys;
  private final Line line;
  private final Listener listener;

  /** The line by creation; keys created at one revision stand in order of the keys. */
  private final TreeMap<Turn, KeyValue> turns = new TreeMap<>();

  private final Map<Bytes, Turn> turnOf = new HashMap<>();
  private @Nullable Following following;
  private @Nullable KeyValue told;
  private boolean closed;

  private record Turn(long createRevision, Bytes key) implements Comparable<Turn> {
    @Override
    public int compareTo(Turn other) {
      int byCreation = Long.compare(createRevision, other.createRevision);
      return byCreation != 0 ? byCreation : key.compareTo(other.key);
    }
  }

  public Observation(KeyAccess keys, Bytes name, Listener listener) {
    this.keys = keys;
    this.line = Line.named(name);
    this.listener = listener;
  }

  /** Begins to observe. Called once from outside. */
  public void begin() {
    CompletableFuture<Void> unused =
        keys.read(this::copy)
            .thenAccept(this::follow)
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    fail(Failures.cause(failure));
                  }
                });
  }

  private synchronized long copy(KeyView view) {
    turns.clear();
    turnOf.clear();
    view.forEach(
        line.range(),
        view.revision(),
        keyValue -> {
          put(keyValue);
          return true;
        });
    return view.revision();
  }

  private void follow(long revision) {
    Following begun = new Following();
    synchronized (this) {
      tell(revision);
      following = begun;
    }
    begun.start(revision + 1);
  }

  /** One watch of the line, from a copy of it on. */
  private final class Following implements KeyAccess.Watcher {
    private KeyAccess.@Nullable Watching watching;
    private boolean over;

    void start(long firstRevision) {
      KeyAccess.Watching begun = keys.watch(List.of(line.range()), firstRevision, this);
      boolean late;
      synchronized (Observation.this) {
        watching = begun;
        late = over || closed;
      }
      if (late) {
        begun.close();
      }
    }

    @Override
    public void changed(long revision, List<KeyEvent> events) {
      synchronized (Observation.this) {
        if (!over) {
          events.forEach(Observation.this::apply);
          tell(revision);
        }
      }
    }

    @Override
    public void ended(Status why) {
      close();
      if (why.getCode() == Status.Code.OUT_OF_RANGE) {
        begin(); // history was compacted away: what it held does not matter, only who is first now
      } else {
        fail(why.asRuntimeException());
      }
    }

    void close() {
      KeyAccess.Watching current;
      synchronized (Observation.this) {
        over = true;
        current = watching;
      }
      if (current != null) {
        current.close();
      }
    }
  }

  private void apply(KeyEvent event) {
    if (event instanceof KeyEvent.Put put) {
      put(put.keyValue());
    } else {
      remove(event.key());
    }
  }

  private void put(KeyValue keyValue) {
    remove(keyValue.key());
    Turn turn = new Turn(keyValue.createRevision(), keyValue.key());
    turnOf.put(keyValue.key(), turn);
    turns.put(turn, keyValue);
  }

  private void remove(Bytes key) {
    Turn turn = turnOf.remove(key);
    if (turn != null) {
      turns.remove(turn);
    }
  }

  private void tell(long revision) {
    Map.Entry<Turn, KeyValue> first = turns.firstEntry();
    if (closed || first == null) {
      return;
    }
    KeyValue leader = first.getValue();
    if (told == null
        || told.modRevision() != leader.modRevision()
        || !told.key().equals(leader.key())) {
      told = leader;
      listener.leads(leader, revision);
    }
  }

  private synchronized void fail(Throwable cause) {
    if (!closed) {
      closed = true;
      listener.failed(cause);
    }
  }

  @Override
  public void close() {
    Following current;
    synchronized (this) {
      closed = true;
      current = following;
    }
    if (current != null) {
      current.close();
    }
  }
}
