package io.leasehold.bench.etcd;

import com.google.protobuf.CodedInputStream;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.bench.wire.Method;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Many leases a message, as {@code leasehold.v1} has it and etcd has not. Messages are encoded once
 * and sent again and again, so that the generator takes little of the processors that it shares
 * with members.
 */
final class BatchRenewals implements Renewals {
  static final Method RENEW_BATCH = Method.of("leasehold.v1.Renewals/RenewBatch");

  /** So that members do not find leases in the order in which they were granted. */
  private static final long SHUFFLE_SEED = 1;

  private final List<byte[]> messages = new ArrayList<>();
  private boolean isRenewed;

  /**
   * @param leases of which those beyond the last full message are left out
   */
  BatchRenewals(LeaseRange leases, int leasesOfMessage) {
    List<Long> ids = new ArrayList<>(leases.count());
    for (int i = 0; i < leases.count(); i++) {
      ids.add(leases.id(i));
    }
    Collections.shuffle(ids, new Random(SHUFFLE_SEED));
    for (int end = leasesOfMessage; end <= ids.size(); end += leasesOfMessage) {
      messages.add(
          RenewBatchRequest.newBuilder()
              .setSequence(messages.size())
              .addAllLeaseIds(ids.subList(end - leasesOfMessage, end))
              .build()
              .toByteArray());
    }
  }

  @Override
  public Method method() {
    return RENEW_BATCH;
  }

  @Override
  public int count() {
    return messages.size();
  }

  @Override
  public byte[] request(int number) {
    return messages.get(number);
  }

  @Override
  public int readAnswer(ByteBuf in, int begin, int length) {
    try {
      RenewBatchResponse answer =
          RenewBatchResponse.parseFrom(CodedInputStream.newInstance(in.nioBuffer(begin, length)));
      isRenewed = answer.getNotFoundCount() == 0 && answer.getUndecidedCount() == 0;
      return Math.toIntExact(answer.getSequence());
    } catch (IOException e) {
      throw new IllegalStateException("not an answer to a batch", e);
    }
  }

  @Override
  public boolean isRenewed() {
    return isRenewed;
  }
}
