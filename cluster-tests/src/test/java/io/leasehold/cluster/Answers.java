package io.leasehold.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.CompactionResponse;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import java.util.Comparator;

/** Answers as far as two clusters can agree on them. */
final class Answers {
  private Answers() {}

  /**
   * What came of a request.
   *
   * @param revision of the answer's header; 0 for a refusal
   * @param text the whole answer, or code and text of the refusal
   */
  record Answer(long revision, String text) {

    boolean isRefusal() {
      return revision == 0;
    }
  }

  /** Sends a request to a member and waits for what comes of it. */
  static Answer of(MemberProcess member, Message request) {
    try {
      if (request instanceof RangeRequest range) {
        RangeResponse response = Keys.of(member).range(range);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof PutRequest put) {
        PutResponse response = Keys.of(member).put(put);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof DeleteRangeRequest delete) {
        DeleteRangeResponse response = Keys.of(member).deleteRange(delete);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof TxnRequest txn) {
        TxnResponse response = Keys.of(member).txn(txn);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof CompactionRequest compaction) {
        CompactionResponse response = Keys.of(member).compact(compaction);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof LeaseGrantRequest grant) {
        LeaseGrantResponse response = member.leases().leaseGrant(grant);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof LeaseRevokeRequest revoke) {
        LeaseRevokeResponse response = member.leases().leaseRevoke(revoke);
        return answer(
            response.getHeader(),
            response.toBuilder().setHeader(common(response.getHeader())).build());
      } else if (request instanceof LeaseTimeToLiveRequest ask) {
        return timeToLive(member.leases().leaseTimeToLive(ask));
      } else if (request instanceof LeaseLeasesRequest ask) {
        return leases(member.leases().leaseLeases(ask));
      }
      throw new AssertionError("no such call: " + request);
    } catch (StatusRuntimeException e) {
      return new Answer(0, e.getStatus().getCode() + ": " + e.getStatus().getDescription());
    }
  }

  /**
   * The time left differs by what passed since the grant, the revision by how far the member has
   * come; etcd lists the keys in any order.
   */
  private static Answer timeToLive(LeaseTimeToLiveResponse response) {
    LeaseTimeToLiveResponse.Builder common =
        response.toBuilder().clearHeader().setTTL(Long.signum(response.getTTL())).clearKeys();
    response.getKeysList().stream()
        .sorted(ByteString.unsignedLexicographicalComparator())
        .forEach(common::addKeys);
    return answer(response.getHeader(), common.build());
  }

  /** As above; etcd lists the leases by the time they have left. */
  private static Answer leases(LeaseLeasesResponse response) {
    LeaseLeasesResponse.Builder common = response.toBuilder().clearHeader().clearLeases();
    response.getLeasesList().stream()
        .sorted(Comparator.comparingLong(LeaseStatus::getID))
        .forEach(common::addLeases);
    return answer(response.getHeader(), common.build());
  }

  private static Answer answer(ResponseHeader header, Message common) {
    return new Answer(header.getRevision(), common.toString());
  }

  /** Of a header only the revision is the same everywhere. */
  private static ResponseHeader common(ResponseHeader header) {
    return ResponseHeader.newBuilder().setRevision(header.getRevision()).build();
  }
}
