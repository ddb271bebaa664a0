package io.leasehold.server.fake;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * One call on a connection of its own, frame by frame (RFC 9113): whatever a client may do, and
 * what no client does. Reads nothing but what it is told to.
 */
public final class RawCall implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GO_AWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int STREAM = 1;
  private static final int INITIAL_WINDOW_SIZE = 4;

  /** How much each side takes, of a call and in all, before it says anything else. */
  public static final int FIRST_WINDOW = 65_535;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final Map<String, String> headers = new HashMap<>();
  private int initialWindow = FIRST_WINDOW;
  private int streamWindow = initialWindow;
  private int connectionWindow = initialWindow;
  private boolean isEnded;
  private int pings;
  private int resets;
  private int goAways;

  private RawCall(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /**
   * Connects and calls a method.
   *
   * @param further names and values of headers, in turn
   */
  public static RawCall open(int port, String path, String... further)
      throws IOException, Http2Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    RawCall call = new RawCall(socket);
    call.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    call.frame(SETTINGS, 0, 0, new byte[0]);
    Http2Headers request =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .authority("localhost")
            .path(path)
            .set("content-type", "application/grpc")
            .set("te", "trailers");
    for (int i = 0; i < further.length; i += 2) {
      request.set(further[i], further[i + 1]);
    }
    call.headers(END_HEADERS, request);
    return call;
  }

  private void headers(int flags, Http2Headers values) throws IOException, Http2Exception {
    ByteBuf block = Unpooled.buffer();
    encoder.encodeHeaders(STREAM, values, block);
    byte[] bytes = new byte[block.readableBytes()];
    block.readBytes(bytes);
    frame(HEADERS, flags, STREAM, bytes);
  }

  /** Sends no more, and says so by headers. */
  public void halfCloseByTrailers(String... namesAndValues) throws IOException, Http2Exception {
    Http2Headers trailers = new DefaultHttp2Headers(false);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      trailers.set(namesAndValues[i], namesAndValues[i + 1]);
    }
    headers(END_HEADERS | END_STREAM, trailers);
  }

  /** Sends bytes of the stream in a frame of their own, as soon as the server allows. */
  public void data(byte[] bytes) throws IOException, Http2Exception {
    awaitWindow(bytes.length);
    frame(DATA, 0, STREAM, bytes);
  }

  private void awaitWindow(int bytes) throws IOException, Http2Exception {
    while (!isWindowOpen(bytes)) {
      if (isEnded) {
        throw new AssertionError("the call has ended with " + headers);
      }
      readFrame();
    }
    takeWindow(bytes);
  }

  private boolean isWindowOpen(int bytes) {
    return Math.min(streamWindow, connectionWindow) >= bytes;
  }

  private void takeWindow(int bytes) {
    streamWindow -= bytes;
    connectionWindow -= bytes;
  }

  /** As {@link #data}, with padding and a byte for its length. */
  public void padded(byte[] bytes, int padding) throws IOException, Http2Exception {
    byte[] payload = new byte[1 + bytes.length + padding];
    payload[0] = (byte) padding;
    System.arraycopy(bytes, 0, payload, 1, bytes.length);
    awaitWindow(payload.length);
    frame(DATA, PADDED, STREAM, payload);
  }

  /** As {@link #data}, though the call may have ended. */
  public void dataRegardless(byte[] bytes) throws IOException, Http2Exception {
    while (!isWindowOpen(bytes.length)) {
      readFrame();
    }
    takeWindow(bytes.length);
    frame(DATA, 0, STREAM, bytes);
  }

  /** Sends no more. */
  public void halfClose() throws IOException {
    frame(DATA, END_STREAM, STREAM, new byte[0]);
  }

  /** Takes the call back. */
  public void reset() throws IOException {
    frame(RST_STREAM, 0, STREAM, new byte[] {0, 0, 0, 8});
  }

  /** Returns a message with its prefix. */
  public static byte[] message(byte[] message) {
    ByteBuf prefixed = Unpooled.buffer();
    prefixed.writeByte(0).writeInt(message.length).writeBytes(message);
    byte[] bytes = new byte[prefixed.readableBytes()];
    prefixed.readBytes(bytes);
    return bytes;
  }

  /** Waits until the server has read all that was sent so far. */
  public void awaitRead() throws IOException, Http2Exception {
    int before = pings;
    frame(PING, 0, 0, new byte[8]);
    while (pings == before) {
      readFrame();
    }
  }

  /** Waits for the next message. */
  public byte[] nextMessage() throws IOException, Http2Exception {
    while (true) {
      byte[] all = received.toByteArray();
      ByteBuf buffer = Unpooled.wrappedBuffer(all);
      if (all.length >= 5 && all.length >= 5 + buffer.getInt(1)) {
        byte[] message = new byte[buffer.getInt(1)];
        buffer.skipBytes(5).readBytes(message);
        received.reset();
        received.write(all, buffer.readerIndex(), buffer.readableBytes());
        return message;
      }
      if (isEnded) {
        throw new AssertionError("the call has ended with " + headers);
      }
      readFrame();
    }
  }

  /** Waits for the end, and returns all headers and trailers that came. */
  public Map<String, String> end() throws IOException, Http2Exception {
    while (!isEnded) {
      readFrame();
    }
    return Map.copyOf(headers);
  }

  /** Returns how often the server has reset the stream. */
  public int resets() {
    return resets;
  }

  /** Returns how often the server has given notice of the end of the connection. */
  public int goAways() {
    return goAways;
  }

  /** Returns how many bytes have come that were not taken as messages. */
  public int receivedBytes() {
    return received.size();
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeByte(payload.length >>> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    out.flush();
  }

  private void readFrame() throws IOException, Http2Exception {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(length);
    switch (type) {
      case DATA -> {
        received.write(payload);
        isEnded |= (flags & END_STREAM) != 0;
      }
      case HEADERS -> {
        decoder
            .decodeHeaders(STREAM, Unpooled.wrappedBuffer(payload))
            .forEach(header -> headers.put(header.getKey() + "", header.getValue() + ""));
        isEnded |= (flags & END_STREAM) != 0;
      }
      case RST_STREAM -> {
        isEnded = true;
        resets++;
      }
      case GO_AWAY -> goAways++;
      case PING -> pings += flags & ACK;
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          readSettings(Unpooled.wrappedBuffer(payload));
          frame(SETTINGS, ACK, 0, new byte[0]);
        }
      }
      case WINDOW_UPDATE -> {
        int bytes = Unpooled.wrappedBuffer(payload).readInt();
        streamWindow += stream == 0 ? 0 : bytes;
        connectionWindow += stream == 0 ? bytes : 0;
      }
      default -> {
        // Nothing that a call depends on.
      }
    }
  }

  private void readSettings(ByteBuf settings) {
    while (settings.isReadable()) {
      int setting = settings.readUnsignedShort();
      int value = settings.readInt();
      if (setting == INITIAL_WINDOW_SIZE) {
        streamWindow += value - initialWindow;
        initialWindow = value;
      }
    }
  }

  /** Opens the windows of the call and of the connection by so many bytes. */
  public void openWindows(int bytes) throws IOException {
    byte[] payload = Unpooled.buffer(4).writeInt(bytes).array();
    frame(WINDOW_UPDATE, 0, 0, payload);
    frame(WINDOW_UPDATE, 0, STREAM, payload);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
