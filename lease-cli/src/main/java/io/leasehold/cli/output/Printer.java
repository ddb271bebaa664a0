package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.HashKVResponse;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.MoveLeaderResponse;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.List;

/** Turns answers into what is printed, line ends and all. Each format is one. */
public interface Printer {
  /** What a member says of itself. */
  record EndpointStatus(String endpoint, StatusResponse status) {}

  /** A member's hash of the keys' history. */
  record EndpointHash(String endpoint, HashKVResponse hash) {}

  /**
   * Whether a member can serve.
   *
   * @param error why not; empty if it can
   */
  record EndpointHealth(String endpoint, Duration took, String error) {
    public boolean isHealthy() {
      return error.isEmpty();
    }
  }

  ByteString granted(LeaseGrantResponse answer);

  ByteString revoked(long id, LeaseRevokeResponse answer);

  ByteString kept(LeaseKeepAliveResponse answer);

  ByteString timeToLive(LeaseTimeToLiveResponse answer, boolean withKeys);

  ByteString leases(LeaseLeasesResponse answer);

  ByteString put(PutResponse answer);

  ByteString found(RangeResponse answer);

  ByteString counted(RangeResponse answer);

  ByteString deleted(DeleteRangeResponse answer);

  ByteString transaction(TxnResponse answer);

  ByteString watched(WatchResponse answer);

  ByteString members(MemberListResponse answer);

  ByteString statuses(List<EndpointStatus> all);

  ByteString hashes(List<EndpointHash> all);

  ByteString healths(List<EndpointHealth> all);

  ByteString alarms(AlarmResponse answer);

  ByteString leaderMoved(long from, long to, MoveLeaderResponse answer);
}
