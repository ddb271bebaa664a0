package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.MoveLeaderResponse;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.cli.flag.Durations;
import java.util.List;
import java.util.function.BiConsumer;

/** One line of JSON for each answer, with the very fields that etcdctl has. */
public final class JsonPrinter implements Printer {
  private static ByteString line(GoJson json) {
    return Text.of(json + "\n");
  }

  private static ByteString whole(Message answer) {
    return line(new GoJson().message(answer));
  }

  @Override
  public ByteString granted(LeaseGrantResponse answer) {
    return line(
        new GoJson()
            .open('{')
            .fields(answer.getHeader())
            .name("ID")
            .value(answer.getID())
            .name("TTL")
            .value(answer.getTTL())
            .name("Error")
            .value(answer.getError())
            .close('}'));
  }

  @Override
  public ByteString revoked(long id, LeaseRevokeResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString kept(LeaseKeepAliveResponse answer) {
    return line(
        new GoJson()
            .open('{')
            .fields(answer.getHeader())
            .name("ID")
            .value(answer.getID())
            .name("TTL")
            .value(answer.getTTL())
            .close('}'));
  }

  @Override
  public ByteString timeToLive(LeaseTimeToLiveResponse answer, boolean withKeys) {
    GoJson json =
        new GoJson()
            .open('{')
            .fields(answer.getHeader())
            .name("id")
            .value(answer.getID())
            .name("ttl")
            .value(answer.getTTL())
            .name("granted-ttl")
            .value(answer.getGrantedTTL())
            .name("keys");
    if (answer.getKeysCount() == 0) {
      json.value(null);
    } else {
      json.open('[');
      answer.getKeysList().forEach(json::value);
      json.close(']');
    }
    return line(json.close('}'));
  }

  @Override
  public ByteString leases(LeaseLeasesResponse answer) {
    GoJson json = new GoJson().open('{').fields(answer.getHeader()).name("leases").open('[');
    answer
        .getLeasesList()
        .forEach(lease -> json.open('{').name("id").value(lease.getID()).close('}'));
    return line(json.close(']').close('}'));
  }

  @Override
  public ByteString put(PutResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString found(RangeResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString counted(RangeResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString deleted(DeleteRangeResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString transaction(TxnResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString watched(WatchResponse answer) {
    GoJson json = new GoJson().open('{').name("Header").message(answer.getHeader());
    json.name("Events").open('[');
    answer.getEventsList().forEach(json::message);
    return line(
        json.close(']')
            .name("CompactRevision")
            .value(answer.getCompactRevision())
            .name("Canceled")
            .value(answer.getCanceled())
            .name("Created")
            .value(answer.getCreated())
            .close('}'));
  }

  @Override
  public ByteString members(MemberListResponse answer) {
    return whole(answer);
  }

  /** An array with an object for each endpoint. */
  private static <E> ByteString each(List<E> all, BiConsumer<GoJson, E> fields) {
    GoJson json = new GoJson().open('[');
    for (E one : all) {
      json.open('{');
      fields.accept(json, one);
      json.close('}');
    }
    return line(json.close(']'));
  }

  @Override
  public ByteString statuses(List<EndpointStatus> all) {
    return each(
        all,
        (json, one) ->
            json.name("Endpoint").value(one.endpoint()).name("Status").message(one.status()));
  }

  @Override
  public ByteString hashes(List<EndpointHash> all) {
    return each(
        all,
        (json, one) ->
            json.name("Endpoint").value(one.endpoint()).name("HashKV").message(one.hash()));
  }

  @Override
  public ByteString healths(List<EndpointHealth> all) {
    return each(
        all,
        (json, one) -> {
          json.name("endpoint").value(one.endpoint()).name("health").value(one.isHealthy());
          json.name("took").value(Durations.text(one.took()));
          if (!one.isHealthy()) {
            json.name("error").value(one.error());
          }
        });
  }

  @Override
  public ByteString alarms(AlarmResponse answer) {
    return whole(answer);
  }

  @Override
  public ByteString leaderMoved(long from, long to, MoveLeaderResponse answer) {
    return whole(answer);
  }
}
