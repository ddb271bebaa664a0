package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.mvccpb.KeyValue;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What etcdctl prints about keys, on every member. */
final class EtcdctlKeysIT extends OnEachServer {
  private static final Duration PRINTED_MAX = Duration.ofSeconds(10);
  private static final Pattern GRANTED = Pattern.compile("lease ([0-9a-f]{16}) granted.*\\n");

  @BeforeEach
  void etcdctlIsThere() {
    Etcdctl.assumeInstalled();
  }

  @Test
  void putGetAndDelOfOneKey() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String key = "one/" + member.name();

      assertThat(Etcdctl.output(at, "put", key, "v1")).isEqualTo("OK\n");
      assertThat(Etcdctl.output(at, "get", key)).isEqualTo(key + "\nv1\n");
      assertThat(Etcdctl.output(at, "put", "--prev-kv", key, "v2"))
          .isEqualTo("OK\n" + key + "\nv1\n");
      assertThat(Etcdctl.output(at, "get", "--print-value-only", key)).isEqualTo("v2\n");
      for (MemberProcess other : cluster.members()) {
        assertThat(Etcdctl.output(other.endpoint(), "get", key)).isEqualTo(key + "\nv2\n");
      }
      assertThat(Etcdctl.output(at, "get", "--consistency=s", key)).isEqualTo(key + "\nv2\n");
      assertThat(Etcdctl.runWithInput(at, "from input", "put", key).output()).isEqualTo("OK\n");
      assertThat(Etcdctl.output(at, "del", "--prev-kv", key))
          .isEqualTo("1\n" + key + "\nfrom input\n");
      assertThat(Etcdctl.output(at, "get", key)).isEmpty();
      assertThat(Etcdctl.output(at, "del", key)).isEqualTo("0\n");
    }
  }

  @Test
  void getOfManyKeysSortsLimitsAndLooksBack() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String prefix = "many/" + member.name() + "/";
      for (String name : List.of("c", "a", "b")) {
        assertThat(Etcdctl.output(at, "put", prefix + name, "v" + name)).isEqualTo("OK\n");
      }
      KeyValue oldA = Keys.get(member, prefix + "a");
      Etcdctl.output(at, "put", prefix + "a", "new");

      assertThat(Etcdctl.output(at, "get", "--prefix", "--keys-only", prefix))
          .isEqualTo(prefix + "a\n\n" + prefix + "b\n\n" + prefix + "c\n\n");
      assertThat(
              Etcdctl.output(
                  at,
                  "get",
                  "--prefix",
                  "--print-value-only",
                  "--sort-by=CREATE",
                  "--order=DESCEND",
                  "--limit=2",
                  prefix))
          .isEqualTo("vb\nnew\n");
      assertThat(
              Etcdctl.output(
                  at, "get", "--prefix", "--print-value-only", "--sort-by=MODIFY", prefix))
          .isEqualTo("vc\nvb\nnew\n");
      assertThat(Etcdctl.output(at, "get", prefix + "a", prefix + "c", "--print-value-only"))
          .isEqualTo("new\nvb\n");
      assertThat(
              Etcdctl.output(
                  at, "get", "--rev=" + oldA.getModRevision(), "--print-value-only", prefix + "a"))
          .isEqualTo("va\n");
      assertThat(Etcdctl.run(at, "get", "--rev=1000000000", prefix).output())
          .contains("etcdserver: mvcc: required revision is a future revision");
      assertThat(Etcdctl.output(at, "del", "--prefix", prefix)).isEqualTo("3\n");
    }
  }

  @Test
  void putAttachesToLeasesAndRevokeDeletes() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String key = "leased/" + member.name();
      String lease = grant(at);

      assertThat(Etcdctl.output(at, "put", "--lease=" + lease, key, "v")).isEqualTo("OK\n");
      assertThat(Etcdctl.output(at, "lease", "timetolive", "--keys", lease))
          .contains("attached keys([" + key + "])");
      assertThat(Etcdctl.output(at, "put", "--ignore-lease", key, "v2")).isEqualTo("OK\n");
      assertThat(Etcdctl.output(at, "lease", "timetolive", "--keys", lease))
          .contains("attached keys([" + key + "])");
      String other = grant(at);
      assertThat(Etcdctl.output(at, "put", "--ignore-value", "--lease=" + other, key))
          .isEqualTo("OK\n");
      Etcdctl.output(at, "lease", "revoke", lease);
      assertThat(Etcdctl.output(at, "get", key)).isEqualTo(key + "\nv2\n");
      Etcdctl.output(at, "lease", "revoke", other);
      for (MemberProcess each : cluster.members()) {
        assertThat(Etcdctl.output(each.endpoint(), "get", key)).isEmpty();
      }
      assertThat(Etcdctl.run(at, "put", "--lease=" + lease, key, "v").output())
          .contains("etcdserver: requested lease not found");
      assertThat(Etcdctl.run(at, "put", "--ignore-value", key).output())
          .contains("etcdserver: key not found");
    }
  }

  @Test
  void txnTakesTheBranchThatItsComparisonsChoose() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String key = "txn/" + member.name();
      String txn =
          """
          create("%1$s") = "0"

          put %1$s first
          get %1$s

          put %1$s again
          get %1$s

          """
              .formatted(key);

      assertThat(Etcdctl.runWithInput(at, txn, "txn").output())
          .isEqualTo("SUCCESS\n\nOK\n\n" + key + "\nfirst\n");
      assertThat(Etcdctl.runWithInput(at, txn, "txn").output())
          .isEqualTo("FAILURE\n\nOK\n\n" + key + "\nagain\n");
      assertThat(
              Etcdctl.runWithInput(
                      at,
                      """
                      value("%1$s") = "again"
                      version("%1$s") > "1"

                      del %1$s

                      get %1$s

                      """
                          .formatted(key),
                      "txn")
                  .output())
          .isEqualTo("SUCCESS\n\n1\n");
      assertThat(Etcdctl.runWithInput(at, "\nput same 1\nput same 2\n\n\n", "txn").output())
          .contains("etcdserver: duplicate key given in txn request");
    }
  }

  @Test
  void watchPrintsPutsAndDeletesFromRevisionOnEveryMember() {
    MemberProcess writer = cluster.member(0);
    long first = Keys.put(writer, "watch/a", "1");
    List<Etcdctl.Running> watches =
        cluster.members().stream()
            .map(
                member ->
                    Etcdctl.start(
                        home,
                        member.endpoint(),
                        "watch",
                        "--prefix",
                        "--prev-kv",
                        "--rev=" + first,
                        "watch/"))
            .toList();
    try {
      Keys.put(writer, "watch/a", "2");
      Keys.put(writer, "watch/b", "3");
      Keys.delete(writer, "watch/a");

      for (Etcdctl.Running watch : watches) {
        watch.awaitOutput(
            """
            PUT
            watch/a
            1
            PUT
            watch/a
            1
            watch/a
            2
            PUT
            watch/b
            3
            DELETE
            watch/a
            2
            watch/a

            """,
            PRINTED_MAX);
      }
    } finally {
      watches.forEach(Etcdctl.Running::close);
    }
  }

  @Test
  void lockIsHeldByOneAndGivenBackOnInterrupt() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String name = "lock-" + member.name();
      try (Etcdctl.Running holder = Etcdctl.start(home, at, "lock", name)) {
        String key = holder.awaitLines(1, PRINTED_MAX).get(0);
        assertThat(key).matches(name + "/[0-9a-f]+");
        try (Etcdctl.Running waiter =
            Etcdctl.start(home, at, "lock", name, "printenv", "ETCD_LOCK_KEY", "ETCD_LOCK_REV")) {
          Conditions.await(
              "the waiter queues up",
              PRINTED_MAX,
              () -> Keys.withPrefix(member, name + "/").size() == 2);
          assertThat(waiter.output()).isEmpty();
          assertThat(holder.interrupt()).isZero();

          assertThat(waiter.awaitExit()).isZero();
          // The revision is that of the header with which the lock was found to be free.
          assertThat(waiter.output()).matches(name + "/[0-9a-f]+\\n[0-9]+\\n");
          assertThat(waiter.output()).doesNotContain(key);
        }
      }
      assertThat(Keys.withPrefix(member, name + "/")).isEmpty();
    }
  }

  @Test
  void electNamesTheLeaderToCandidatesAndListeners() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String name = "election-" + member.name();
      try (Etcdctl.Running first = Etcdctl.start(home, at, "elect", name, "first");
          Etcdctl.Running listener =
              Etcdctl.start(home, cluster.member(0).endpoint(), "elect", "-l", name)) {
        List<String> won = first.awaitLines(2, PRINTED_MAX);
        assertThat(won.get(0)).matches(name + "/[0-9a-f]+");
        assertThat(won.get(1)).isEqualTo("first");
        assertThat(listener.awaitLines(2, PRINTED_MAX)).isEqualTo(won);
        try (Etcdctl.Running second = Etcdctl.start(home, at, "elect", name, "second")) {
          Conditions.await(
              "the second candidate queues up",
              PRINTED_MAX,
              () -> Keys.withPrefix(member, name + "/").size() == 2);

          assertThat(first.interrupt()).isZero();

          List<String> next = second.awaitLines(2, PRINTED_MAX);
          assertThat(next.get(1)).isEqualTo("second");
          assertThat(listener.awaitLines(4, PRINTED_MAX).subList(2, 4)).isEqualTo(next);
        }
      }
    }
  }

  @Test
  void compactionForgetsWhatIsOlder() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String key = "compacted/" + member.name();
      long old = Keys.put(member, key, "1");
      long current = Keys.put(member, key, "2");
      long newest = Keys.put(member, key, "3");

      assertThat(Etcdctl.output(at, "compaction", Long.toString(current)))
          .isEqualTo("compacted revision " + current + "\n");
      assertThat(Etcdctl.run(at, "get", "--rev=" + old, key).output())
          .contains("etcdserver: mvcc: required revision has been compacted");
      assertThat(Etcdctl.output(at, "get", "--rev=" + current, key)).isEqualTo(key + "\n2\n");
      assertThat(Etcdctl.run(at, "compaction", Long.toString(current)).output())
          .contains("etcdserver: mvcc: required revision has been compacted");
      assertThat(Etcdctl.output(at, "compaction", "--physical", Long.toString(newest)))
          .isEqualTo("compacted revision " + newest + "\n");
      assertThat(Etcdctl.run(at, "compaction", "1000000000").output())
          .contains("etcdserver: mvcc: required revision is a future revision");
      assertThat(Etcdctl.run(at, "watch", "--rev=" + old, key).output())
          .contains("etcdserver: mvcc: required revision has been compacted");
    }
  }

  @Test
  void alarmForSpaceRefusesPutsUntilItIsDisarmed() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      String key = "alarm/" + member.name();
      Keys.put(member, key, "1");
      assertThat(Etcdctl.output(at, "alarm", "list")).isEmpty();
      long memberId = member.status().getHeader().getMemberId();
      MaintenanceGrpc.newBlockingStub(member.channel())
          .alarm(
              AlarmRequest.newBuilder()
                  .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                  .setMemberID(memberId)
                  .setAlarm(AlarmType.NOSPACE)
                  .build());
      String raised = "memberID:" + Long.toUnsignedString(memberId) + " alarm:NOSPACE \n";

      assertThat(Etcdctl.output(at, "alarm", "list")).isEqualTo(raised);
      assertThat(Etcdctl.run(at, "put", key, "2").output())
          .contains("etcdserver: mvcc: database space exceeded");
      assertThat(Etcdctl.output(at, "del", key)).isEqualTo("1\n");
      assertThat(Etcdctl.output(at, "alarm", "disarm")).isEqualTo(raised);
      assertThat(Etcdctl.output(at, "alarm", "list")).isEmpty();
      assertThat(Etcdctl.output(at, "put", key, "3")).isEqualTo("OK\n");
    }
  }

  @Test
  void endpointStatusHealthAndHashkvSpeakForEveryMember() {
    for (MemberProcess member : cluster.members()) {
      String at = member.endpoint();
      assertThat(Etcdctl.output(at, "endpoint", "status"))
          .matches(Pattern.quote(at) + ", [0-9a-f]+, [0-9.]+, [0-9.]+ .?B, .*\\n");
      assertThat(Etcdctl.output(at, "endpoint", "health"))
          .matches(
              Pattern.quote(at)
                  + " is healthy: successfully committed proposal: took = [0-9.]+.?s\\n");
    }
    Conditions.await(
        "equal hashes of the keys",
        PRINTED_MAX,
        () -> {
          List<String> lines =
              Etcdctl.output(cluster.endpoints(), "endpoint", "hashkv").lines().toList();
          assertThat(lines.stream().map(line -> line.split(", ", -1)[0]))
              .containsExactlyElementsOf(
                  cluster.members().stream().map(MemberProcess::endpoint).toList());
          return lines.stream()
                  .map(line -> line.split(", ", -1)[1])
                  .collect(Collectors.toSet())
                  .size()
              == 1;
        });
  }

  private static String grant(String at) {
    Matcher granted = GRANTED.matcher(Etcdctl.output(at, "lease", "grant", "60"));
    assertThat(granted.matches()).isTrue();
    return granted.group(1);
  }
}
