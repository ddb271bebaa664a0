package io.leasehold.bench.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BatchRenewalsTest {
  private final LeaseRange leases = LeaseRange.numbered(1, 2, 25);
  private final BatchRenewals renewals = new BatchRenewals(leases, 8);

  @Test
  void everyLeaseOfAFullMessageIsInOne() throws Exception {
    List<Long> asked = new ArrayList<>();
    for (int i = 0; i < renewals.count(); i++) {
      RenewBatchRequest request = RenewBatchRequest.parseFrom(renewals.request(i));
      assertThat(request.getSequence()).isEqualTo(i);
      assertThat(request.getLeaseIdsList()).hasSize(8);
      asked.addAll(request.getLeaseIdsList());
    }
    assertThat(asked)
        .hasSize(24)
        .doesNotHaveDuplicates()
        .isSubsetOf(LongStream.range(0, 25).mapToObj(i -> leases.id((int) i)).toList())
        .isNotEqualTo(asked.stream().sorted().toList());
  }

  @Test
  void answerSaysWhoseItIsAndWhetherAllWereRenewed() {
    assertThat(read(RenewBatchResponse.newBuilder().setSequence(2))).isEqualTo(2);
    assertThat(renewals.isRenewed()).isTrue();
    assertThat(read(RenewBatchResponse.newBuilder().setSequence(1).addNotFound(3))).isEqualTo(1);
    assertThat(renewals.isRenewed()).isFalse();
    assertThat(read(RenewBatchResponse.newBuilder().addUndecided(3))).isZero();
    assertThat(renewals.isRenewed()).isFalse();
  }

  private int read(RenewBatchResponse.Builder answer) {
    byte[] bytes = answer.build().toByteArray();
    ByteBuf shifted = Unpooled.buffer().writeByte(0).writeBytes(bytes);
    return renewals.readAnswer(shifted, 1, bytes.length);
  }
}
