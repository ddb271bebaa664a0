package io.leasehold.bench.wire;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.util.collection.IntObjectHashMap;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A server that does nothing but answer: every message of a call gets one back at once. What the
 * generator reaches against it is the most that it could measure.
 */
public final class Answerer implements AutoCloseable {
  /** Makes the answer to a message. */
  public interface Answers {
    /** Returns the answer to the message that lies in {@code in} from {@code begin} on. */
    byte[] answer(String path, ByteBuf in, int begin, int length);

    /** Whether calls of this method have one request and one answer. */
    boolean isUnary(String path);
  }

  private final Channel channel;

  /** Listens on a free port of the loopback address. */
  public Answerer(EventLoops loops, Answers answers) {
    channel =
        new ServerBootstrap()
            .group(loops.group())
            .channel(EventLoops.serverSocketType())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel accepted) {
                    accepted.pipeline().addLast(new Peer(answers));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    ChannelFuture unused = channel.close().syncUninterruptibly();
  }

  /** One connection. Its client opens windows as wide as {@link Connection} does. */
  private static final class Peer extends Http2Handler {
    private static final byte INDEXED_STATUS_200 = (byte) 0x88;

    /** Content type and status, as fields that are not to be kept. */
    private static final byte[] HEADERS_BLOCK =
        block(INDEXED_STATUS_200, "content-type", "application/grpc");

    private static final byte[] TRAILERS_BLOCK = block(null, "grpc-status", "0");

    private static byte[] block(@Nullable Byte first, String name, String value) {
      byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
      byte[] valueBytes = value.getBytes(StandardCharsets.US_ASCII);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      if (first != null) {
        bytes.write(first);
      }
      bytes.write(0);
      bytes.write(nameBytes.length);
      bytes.writeBytes(nameBytes);
      bytes.write(valueBytes.length);
      bytes.writeBytes(valueBytes);
      return bytes.toByteArray();
    }

    private final Answers answers;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final IntObjectHashMap<Stream> streams = new IntObjectHashMap<>();

    private final class Stream {
      private final int id;
      private final String path;
      private final MessageReader messages = new MessageReader(this::answer);
      private boolean hasHeaders;
      private int received;

      Stream(int id, String path) {
        this.id = id;
        this.path = path;
      }

      void data(ByteBuf in, int begin, int length, int windowBytes) {
        received += windowBytes;
        if (received >= WINDOW_STEP) {
          writeWindowUpdate(id, received);
          received = 0;
        }
        messages.data(in, begin, length);
      }

      private void answer(ByteBuf in, int begin, int length) {
        if (!hasHeaders) {
          hasHeaders = true;
          frame(HEADERS_BLOCK.length, HEADERS, END_HEADERS, id).writeBytes(HEADERS_BLOCK);
        }
        byte[] message = answers.answer(path, in, begin, length);
        frame(MessageReader.PREFIX_BYTES + message.length, DATA, 0, id)
            .writeByte(0)
            .writeInt(message.length)
            .writeBytes(message);
        if (answers.isUnary(path)) {
          end();
        }
      }

      void end() {
        if (streams.remove(id) != null) {
          frame(TRAILERS_BLOCK.length, HEADERS, END_HEADERS | END_STREAM, id)
              .writeBytes(TRAILERS_BLOCK);
        }
      }
    }

    Peer(Answers answers) {
      super(true);
      this.answers = answers;
    }

    @Override
    void sendPreface(ByteBuf to) {}

    @Override
    void headers(int streamId, ByteBuf in, int begin, int length, boolean isLast) {
      try {
        String path =
            String.valueOf(decoder.decodeHeaders(streamId, in.slice(begin, length)).path());
        streams.put(streamId, new Stream(streamId, path));
      } catch (Http2Exception e) {
        throw new IllegalStateException("a header block that cannot be read", e);
      }
    }

    @Override
    void data(int streamId, ByteBuf in, int begin, int length, int windowBytes, boolean isLast) {
      Stream stream = streams.get(streamId);
      if (stream == null) {
        return;
      }
      stream.data(in, begin, length, windowBytes);
      if (isLast) {
        stream.end();
      }
    }

    @Override
    void reset(int streamId, int errorCode) {
      Stream stream = streams.remove(streamId);
      if (stream != null) {
        stream.messages.release();
      }
    }

    @Override
    void setting(int id, int value) {}

    @Override
    void windowUpdate(int streamId, int bytes) {}

    @Override
    void goAway() {}

    @Override
    void disconnected() {
      streams.values().forEach(stream -> stream.messages.release());
      streams.clear();
    }
  }
}
