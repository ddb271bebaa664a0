package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.AlarmMember;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.MoveLeaderResponse;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.cli.flag.Durations;
import java.util.List;
import java.util.Locale;

/** Lines for people, and for scripts that cut them: etcdctl's {@code simple}. */
public class SimplePrinter implements Printer {
  private final boolean isHex;
  private final boolean isValueOnly;

  /**
   * @param isHex whether keys and values are written as {@code \x..}
   * @param isValueOnly whether only the values of keys are written
   */
  public SimplePrinter(boolean isHex, boolean isValueOnly) {
    this.isHex = isHex;
    this.isValueOnly = isValueOnly;
  }

  private ByteString shown(ByteString bytes) {
    if (!isHex) {
      return bytes;
    }
    StringBuilder hex = new StringBuilder();
    bytes.forEach(b -> hex.append(String.format(Locale.ROOT, "\\x%02x", b)));
    return Text.of(hex.toString());
  }

  private Text entry(Text text, KeyValue entry) {
    if (!isValueOnly) {
      text.add(shown(entry.getKey())).line();
    }
    return text.add(shown(entry.getValue())).line();
  }

  @Override
  public ByteString granted(LeaseGrantResponse answer) {
    return Text.of(
        "lease %s granted with TTL(%ds)\n"
            .formatted(GoText.leaseId(answer.getID()), answer.getTTL()));
  }

  @Override
  public ByteString revoked(long id, LeaseRevokeResponse answer) {
    return Text.of("lease %s revoked\n".formatted(GoText.leaseId(id)));
  }

  @Override
  public ByteString kept(LeaseKeepAliveResponse answer) {
    return Text.of(
        "lease %s keepalived with TTL(%d)\n"
            .formatted(GoText.leaseId(answer.getID()), answer.getTTL()));
  }

  @Override
  public ByteString timeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    String id = GoText.leaseId(answer.getID());
    if (answer.getGrantedTTL() == 0 && answer.getTTL() == -1) {
      return Text.of("lease %s already expired\n".formatted(id));
    }
    Text text =
        new Text()
            .add(
                "lease %s granted with TTL(%ds), remaining(%ds)"
                    .formatted(id, answer.getGrantedTTL(), answer.getTTL()));
    if (withKeys) {
      text.add(", attached keys([");
      String gap = "";
      for (ByteString key : answer.getKeysList()) {
        text.add(gap).add(key);
        gap = " ";
      }
      text.add("])");
    }
    return text.line().bytes();
  }

  @Override
  public ByteString leases(LeaseLeasesResponse answer) {
    Text text = new Text().add("found %d leases\n".formatted(answer.getLeasesCount()));
    for (LeaseStatus lease : answer.getLeasesList()) {
      text.add(GoText.leaseId(lease.getID())).line();
    }
    return text.bytes();
  }

  @Override
  public ByteString put(PutResponse answer) {
    Text text = new Text().add("OK\n");
    return (answer.hasPrevKv() ? entry(text, answer.getPrevKv()) : text).bytes();
  }

  @Override
  public ByteString found(RangeResponse answer) {
    Text text = new Text();
    answer.getKvsList().forEach(entry -> entry(text, entry));
    return text.bytes();
  }

  @Override
  public ByteString counted(RangeResponse answer) {
    return Text.of(answer.getCount() + "\n");
  }

  @Override
  public ByteString deleted(DeleteRangeResponse answer) {
    Text text = new Text().add(answer.getDeleted() + "\n");
    answer.getPrevKvsList().forEach(entry -> entry(text, entry));
    return text.bytes();
  }

  @Override
  public ByteString transaction(TxnResponse answer) {
    Text text = new Text().add(answer.getSucceeded() ? "SUCCESS\n" : "FAILURE\n");
    for (ResponseOp one : answer.getResponsesList()) {
      text.line()
          .add(
              switch (one.getResponseCase()) {
                case RESPONSE_RANGE -> found(one.getResponseRange());
                case RESPONSE_PUT -> put(one.getResponsePut());
                case RESPONSE_DELETE_RANGE -> deleted(one.getResponseDeleteRange());
                case RESPONSE_TXN -> transaction(one.getResponseTxn());
                case RESPONSE_NOT_SET -> ByteString.EMPTY;
              });
    }
    return text.bytes();
  }

  @Override
  public ByteString watched(WatchResponse answer) {
    Text text = new Text();
    for (Event event : answer.getEventsList()) {
      text.add(event.getType().name()).line();
      if (event.hasPrevKv()) {
        entry(text, event.getPrevKv());
      }
      entry(text, event.getKv());
    }
    return text.bytes();
  }

  static List<String> row(Member member) {
    return List.of(
        Long.toHexString(member.getID()),
        member.getName().isEmpty() ? "unstarted" : "started",
        member.getName(),
        String.join(",", member.getPeerURLsList()),
        String.join(",", member.getClientURLsList()),
        Boolean.toString(member.getIsLearner()));
  }

  @Override
  public ByteString members(MemberListResponse answer) {
    Text text = new Text();
    answer.getMembersList().forEach(one -> text.add(String.join(", ", row(one))).line());
    return text.bytes();
  }

  static List<String> row(EndpointStatus one) {
    StatusResponse status = one.status();
    return List.of(
        one.endpoint(),
        Long.toHexString(status.getHeader().getMemberId()),
        status.getVersion(),
        GoText.size(status.getDbSize()),
        Boolean.toString(status.getLeader() == status.getHeader().getMemberId()),
        Boolean.toString(status.getIsLearner()),
        Long.toUnsignedString(status.getRaftTerm()),
        Long.toUnsignedString(status.getRaftIndex()),
        Long.toUnsignedString(status.getRaftAppliedIndex()),
        String.join(", ", status.getErrorsList()));
  }

  @Override
  public ByteString statuses(List<EndpointStatus> all) {
    Text text = new Text();
    all.forEach(one -> text.add(String.join(", ", row(one))).line());
    return text.bytes();
  }

  @Override
  public ByteString hashes(List<EndpointHash> all) {
    Text text = new Text();
    all.forEach(
        one ->
            text.add(
                one.endpoint() + ", " + Integer.toUnsignedString(one.hash().getHash()) + "\n"));
    return text.bytes();
  }

  @Override
  public ByteString healths(List<EndpointHealth> all) {
    Text text = new Text();
    for (EndpointHealth one : all) {
      text.add(
          one.isHealthy()
              ? "%s is healthy: successfully committed proposal: took = %s\n"
                  .formatted(one.endpoint(), Durations.text(one.took()))
              : "%s is unhealthy: failed to commit proposal: %s\n"
                  .formatted(one.endpoint(), one.error()));
    }
    return text.bytes();
  }

  @Override
  public ByteString alarms(AlarmResponse answer) {
    Text text = new Text();
    for (AlarmMember one : answer.getAlarmsList()) {
      text.add(
          "memberID:%s alarm:%s \n"
              .formatted(Long.toUnsignedString(one.getMemberID()), one.getAlarm().name()));
    }
    return text.bytes();
  }

  @Override
  public ByteString leaderMoved(long from, long to, MoveLeaderResponse answer) {
    return Text.of(
        "Leadership transferred from %s to %s\n"
            .formatted(Long.toHexString(from), Long.toHexString(to)));
  }
}
