package io.leasehold.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MessageReaderTest {
  private static final String[] SAID = {"first", "", "the third, which is longer"};

  private final List<String> heard = new ArrayList<>();
  private final MessageReader reader =
      new MessageReader(
          (in, begin, length) ->
              heard.add(
                  new String(ByteBufUtil.getBytes(in, begin, length), StandardCharsets.US_ASCII)));

  @Test
  void messagesAreTheSameWhereverTheyAreCut() {
    ByteBuf all = data();
    int length = all.readableBytes();
    for (int cut = 0; cut <= length; cut++) {
      for (int second = cut; second <= length; second++) {
        heard.clear();
        reader.data(all, 0, cut);
        reader.data(all, cut, second - cut);
        reader.data(all, second, length - second);
        assertThat(heard).as("cut at %s and %s", cut, second).containsExactly(SAID);
      }
    }
  }

  @Test
  void whatWasBegunIsForgotten() {
    ByteBuf all = data();
    reader.data(all, 0, 7);
    reader.release();
    reader.data(all, 0, all.readableBytes());
    assertThat(heard).containsExactly(SAID);
  }

  private static ByteBuf data() {
    ByteBuf all = Unpooled.buffer();
    for (String message : SAID) {
      all.writeByte(0).writeInt(message.length());
      all.writeCharSequence(message, StandardCharsets.US_ASCII);
    }
    return all;
  }
}
