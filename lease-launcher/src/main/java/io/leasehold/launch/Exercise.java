package io.leasehold.launch;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * Takes the first member down the paths that requests take, as a follower and as the leader, so
 * that its JVM can be told to remember them.
 */
final class Exercise {
  private static final long LEADER_SECONDS_MAX = 120;
  private static final long TTL_SECONDS = 60;
  private static final int HTTP_MILLIS_MAX = 5000;

  private final Members members;

  Exercise(Members members) {
    this.members = members;
  }

  /**
   * Runs.
   *
   * @param rounds requests of each kind, through each member and under each leader
   */
  void run(int rounds) throws LaunchException {
    MemberClient leader = members.awaitLeader(LEADER_SECONDS_MAX);
    MemberClient first = members.clients().get(0);
    askForHealth(first);
    for (MemberClient client : members.clients()) {
      requests(client, rounds);
    }
    if (members.clients().size() == 1) {
      askForHealth(first);
      return;
    }
    MemberClient other = leader == first ? members.clients().get(1) : first;
    moveLeadership(leader, other);
    for (MemberClient client : members.clients()) {
      requests(client, rounds);
    }
    moveLeadership(other, first == other ? members.clients().get(1) : first);
    requests(first, rounds);
    askForHealth(first);
  }

  private static void requests(MemberClient client, int rounds) throws LaunchException {
    KVGrpc.KVBlockingStub keys = KVGrpc.newBlockingStub(client.channel());
    ByteString key = ByteString.copyFromUtf8("exercise");
    for (int round = 0; round < rounds; round++) {
      long leaseId = client.grant(TTL_SECONDS).getID();
      var unusedPut =
          keys.put(PutRequest.newBuilder().setKey(key).setValue(key).setLease(leaseId).build());
      var unusedRange = keys.range(RangeRequest.newBuilder().setKey(key).build());
      if (client.renew(leaseId) != TTL_SECONDS) {
        throw new LaunchException("a lease that was granted cannot be renewed");
      }
      if (round % 2 == 0) {
        var unused = keys.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
      }
      client.revoke(leaseId);
    }
  }

  private void moveLeadership(MemberClient from, MemberClient to) throws LaunchException {
    if (from == to) {
      return;
    }
    StatusResponse status = to.status();
    if (status == null) {
      throw new LaunchException(to.member().name() + " does not answer");
    }
    var unused =
        MaintenanceGrpc.newBlockingStub(from.channel())
            .withDeadlineAfter(LEADER_SECONDS_MAX, TimeUnit.SECONDS)
            .moveLeader(
                MoveLeaderRequest.newBuilder()
                    .setTargetID(status.getHeader().getMemberId())
                    .build());
    MemberClient leader = members.awaitLeader(LEADER_SECONDS_MAX);
    if (leader != to) {
      throw new LaunchException(
          leader.member().name() + " leads where " + to.member().name() + " should");
    }
  }

  private static void askForHealth(MemberClient client) throws LaunchException {
    for (String page : new String[] {"/readyz", "/metrics"}) {
      try {
        URI uri = URI.create("http://127.0.0.1:" + client.member().metricsPort() + page);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(HTTP_MILLIS_MAX);
        connection.setReadTimeout(HTTP_MILLIS_MAX);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
          throw new LaunchException(page + " answered " + connection.getResponseCode());
        }
      } catch (IOException e) {
        throw new LaunchException(page + " did not answer: " + e.getMessage());
      }
    }
  }
}
