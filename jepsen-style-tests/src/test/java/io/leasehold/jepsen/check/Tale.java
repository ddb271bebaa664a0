package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.ArrayList;
import java.util.List;

/** A history written by hand. Times are in milliseconds. */
final class Tale {
  private static final long MILLI = 1_000_000;

  private final List<Entry> entries = new ArrayList<>();
  private String node = "n1";
  private long process = 1;

  /** What follows was asked of this member. */
  Tale on(String member) {
    node = member;
    return this;
  }

  /** What follows was asked by this client. */
  Tale by(long client) {
    process = client;
    return this;
  }

  Tale with(Entry entry) {
    entries.add(entry);
    return this;
  }

  static long nanos(long millis) {
    return millis * MILLI;
  }

  Tale ok(Request request, Answer answer, long revision, long from, long to) {
    return with(Op.ok(process, node, request, answer, revision, 1, nanos(from), nanos(to)));
  }

  Tale failed(Request request, String error, long from, long to) {
    return with(Op.unanswered(process, node, request, Result.FAIL, error, nanos(from), nanos(to)));
  }

  Tale unknown(Request request, long from, long to) {
    return with(
        Op.unanswered(process, node, request, Result.INFO, "timeout", nanos(from), nanos(to)));
  }

  Tale granted(long leaseId, long ttl, long from, long to) {
    return ok(new Request.Grant(0, ttl), new Answer.Granted(leaseId, ttl), 1, from, to);
  }

  Tale renewed(long leaseId, long ttl, long from, long to) {
    return ok(new Request.Renew(leaseId), new Answer.Renewed(ttl), 1, from, to);
  }

  Tale renewalUnknown(long leaseId, long from, long to) {
    return unknown(new Request.Renew(leaseId), from, to);
  }

  Tale revoked(long leaseId, long from, long to) {
    return ok(new Request.Revoke(leaseId), new Answer.Revoked(), 1, from, to);
  }

  Tale left(long leaseId, long remaining, long ttl, long from, long to) {
    return ok(
        new Request.TimeToLive(leaseId, false),
        new Answer.TimeLeft(remaining, ttl, List.of()),
        1,
        from,
        to);
  }

  Tale gone(long leaseId, long from, long to) {
    return left(leaseId, -1, 0, from, to);
  }

  Tale notFound(Request request, long from, long to) {
    return failed(request, "NOT_FOUND: etcdserver: requested lease not found", from, to);
  }

  Tale listed(long from, long to, Long... ids) {
    return ok(new Request.ListLeases(true), new Answer.Leases(List.of(ids)), 1, from, to);
  }

  Tale put(String key, String value, long leaseId, long revision, long from, long to) {
    return ok(
        new Request.Put(key, value, leaseId, false), new Answer.Written(null), revision, from, to);
  }

  Tale read(String key, long revision, long from, long to, KeyValue... found) {
    return ok(
        Request.Range.of(key),
        new Answer.Ranged(List.of(found), found.length, false),
        revision,
        from,
        to);
  }

  /** A canonical watch, on the member that was named last. */
  Tale canonical(long stream) {
    return with(
        new WatchOpened(stream, node, KeyRange.all(), 2, 1, false, false, false, true, nanos(0)));
  }

  Tale told(long stream, long at, Event... events) {
    long revision = events.length == 0 ? 1 : events[events.length - 1].revision();
    return with(new WatchAnswer(stream, revision, List.of(events), nanos(at)));
  }

  static Event puts(String key, String value, long created, long revision, long version) {
    return puts(key, value, created, revision, version, 0);
  }

  static Event puts(
      String key, String value, long created, long revision, long version, long leaseId) {
    return Event.put(new KeyValue(key, value, created, revision, version, leaseId));
  }

  static Event deletes(String key, long revision) {
    return Event.delete(key, revision);
  }

  History history() {
    return new History(entries);
  }

  Verdict judgedBy(Checker checker) {
    return judgedBy(checker, RunParameters.defaults());
  }

  Verdict judgedBy(Checker checker, RunParameters parameters) {
    return checker.check(new Evidence(history()), parameters);
  }

  void isFine(Checker checker) {
    Verdict verdict = judgedBy(checker);
    assertThat(verdict.ruling()).as(verdict.toString()).isEqualTo(Ruling.OK);
  }

  /** Refused with these words, and with recorded lines that show it. */
  Verdict isRefused(Checker checker, String words) {
    Verdict verdict = judgedBy(checker);
    assertThat(verdict.ruling()).as(verdict.toString()).isEqualTo(Ruling.VIOLATED);
    assertThat(verdict.violations().stream().map(Violation::message))
        .anyMatch(message -> message.contains(words), words);
    assertThat(verdict.violations()).allSatisfy(each -> assertThat(each.proof()).isNotEmpty());
    assertThat(verdict.violations().stream().flatMap(each -> each.proof().stream()))
        .isSubsetOf(entries);
    return verdict;
  }

  void doesNotApply(Checker checker) {
    Verdict verdict = judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
    assertThat(verdict.reason()).isNotEmpty();
  }

  void cannotBeTold(Checker checker, String words) {
    Verdict verdict = judgedBy(checker);
    assertThat(verdict.ruling()).as(verdict.toString()).isEqualTo(Ruling.UNKNOWN);
    assertThat(verdict.reason()).contains(words);
  }
}
