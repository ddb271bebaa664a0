package io.leasehold.bench.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeepAliveMessagesTest {
  private static final int OFFSET = 3;

  private final KeepAliveMessages reader = new KeepAliveMessages();

  @ParameterizedTest
  @ValueSource(longs = {1, 127, 128, 1L << 62, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void requestIsWhatTheCompilerOfTheSchemaReads(long id) throws InvalidProtocolBufferException {
    byte[] request = KeepAliveMessages.request(id);
    assertThat(LeaseKeepAliveRequest.parseFrom(request).getID()).isEqualTo(id);
    assertThat(KeepAliveMessages.idOfRequest(shifted(request), OFFSET)).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1L << 62, -1})
  void answerIsReadAsTheSchemaHasIt(long id) {
    byte[] answer =
        LeaseKeepAliveResponse.newBuilder()
            .setHeader(
                ResponseHeader.newBuilder().setClusterId(-7).setMemberId(9).setRevision(1 << 20))
            .setID(id)
            .setTTL(3600)
            .build()
            .toByteArray();
    reader.readAnswer(shifted(answer), OFFSET, answer.length);
    assertThat(reader.leaseId()).isEqualTo(id);
    assertThat(reader.ttlSeconds()).isEqualTo(3600);
  }

  @Test
  void answerOfTheAnswererIsOne() throws InvalidProtocolBufferException {
    LeaseKeepAliveResponse answer =
        LeaseKeepAliveResponse.parseFrom(KeepAliveMessages.answer(1L << 62, 300));
    assertThat(answer.getID()).isEqualTo(1L << 62);
    assertThat(answer.getTTL()).isEqualTo(300);
    assertThat(answer.getHeader().getRaftTerm()).isEqualTo(1);
  }

  @Test
  void leaseThatIsGoneHasNoTimeLeft() {
    byte[] gone = LeaseKeepAliveResponse.newBuilder().setID(5).build().toByteArray();
    reader.readAnswer(shifted(KeepAliveMessages.answer(5, 60)), OFFSET, 14);
    reader.readAnswer(shifted(gone), OFFSET, gone.length);
    assertThat(reader.ttlSeconds()).isZero();
  }

  @Test
  void whatIsNoAnswerIsRefused() {
    byte[] other = {0x0d, 1, 2, 3, 4};
    assertThatThrownBy(() -> reader.readAnswer(shifted(other), OFFSET, other.length))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ByteBuf shifted(byte[] message) {
    return Unpooled.buffer().writeBytes(new byte[OFFSET]).writeBytes(message);
  }
}
