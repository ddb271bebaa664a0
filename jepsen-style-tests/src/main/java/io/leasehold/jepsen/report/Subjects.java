package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.HashSet;
import java.util.Set;

/** The leases, keys and locks that an operation is about, by names that differ between them. */
final class Subjects {
  private Subjects() {}

  static Set<String> of(Op op) {
    Set<String> subjects = new HashSet<>();
    add(subjects, op.request());
    Answer.Granted granted = op.answered(Answer.Granted.class);
    if (granted != null) {
      subjects.add(lease(granted.leaseId()));
    }
    return subjects;
  }

  private static void add(Set<String> subjects, Request request) {
    if (request instanceof Request.Acquire acquire) {
      subjects.add("lock " + acquire.lock());
    } else if (request instanceof Request.Release release) {
      subjects.add("lock " + release.lock());
    } else if (request instanceof Request.Put put) {
      subjects.add("key " + put.key());
    } else if (request instanceof Request.Delete delete) {
      addKey(subjects, delete.range());
    } else if (request instanceof Request.Range range) {
      addKey(subjects, range.range());
    } else if (request instanceof Request.Txn txn) {
      txn.then().forEach(part -> add(subjects, part));
      txn.otherwise().forEach(part -> add(subjects, part));
    }
    if (request instanceof Request.OnLease about) {
      subjects.add(lease(about.leaseId()));
    } else if (request instanceof Request.Put put && put.leaseId() != 0) {
      subjects.add(lease(put.leaseId()));
    }
  }

  private static void addKey(Set<String> subjects, KeyRange range) {
    if (range.isOneKey()) {
      subjects.add("key " + range.key());
    }
  }

  private static String lease(long leaseId) {
    return "lease " + leaseId;
  }
}
