package io.leasehold.server.watch;

import io.leasehold.api.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Notes what it is sent. Ready for as many messages as the test says. */
final class RecordingSink implements WatchSink {
  /** One message; {@code text} says what it is and all that is in it. */
  record Message(String kind, long watchId, long revision, List<Event> events, String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  final List<Message> messages = new ArrayList<>();

  /** Messages with events that are taken before the sink is not ready. */
  int room = Integer.MAX_VALUE;

  int handled;
  boolean isFailed;

  /** Returns what was sent since last asked, as text. */
  List<String> take() {
    List<String> texts = messages.stream().map(Message::toString).toList();
    messages.clear();
    return texts;
  }

  @Override
  public boolean isReady() {
    return room > 0;
  }

  @Override
  public void handled() {
    handled++;
  }

  @Override
  public void created(long watchId, long revision) {
    add("created", watchId, revision, "");
  }

  @Override
  public void refused(WatchRefusal why, long revision) {
    add("refused", NO_WATCHER, revision, " " + why);
  }

  @Override
  public void events(long watchId, long revision, List<Event> events, boolean mayFragment) {
    room--;
    String text = events.stream().map(RecordingSink::text).collect(Collectors.joining(" ", "", ""));
    messages.add(
        new Message(
            "events",
            watchId,
            revision,
            List.copyOf(events),
            watchId + "@" + revision + ": " + text));
  }

  /** Returns {@code key=value@revision} or {@code -key@revision}, and what was before. */
  static String text(Event event) {
    String key = event.getKv().getKey().toStringUtf8();
    String text =
        (event.getType() == Event.EventType.PUT
                ? key + "=" + event.getKv().getValue().toStringUtf8()
                : "-" + key)
            + "@"
            + event.getKv().getModRevision();
    return event.hasPrevKv()
        ? text + "(" + event.getPrevKv().getValue().toStringUtf8() + ")"
        : text;
  }

  @Override
  public void canceled(long watchId, long revision) {
    add("canceled", watchId, revision, "");
  }

  @Override
  public void compacted(long watchId, long revision, long compactedRevision) {
    add("compacted", watchId, revision, " below " + compactedRevision);
  }

  @Override
  public void progress(long watchId, long revision) {
    add("progress", watchId, revision, "");
  }

  @Override
  public void failed() {
    isFailed = true;
  }

  private void add(String kind, long watchId, long revision, String more) {
    messages.add(
        new Message(
            kind, watchId, revision, List.of(), kind + " " + watchId + "@" + revision + more));
  }
}
