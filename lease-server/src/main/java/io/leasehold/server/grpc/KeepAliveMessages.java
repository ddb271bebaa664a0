package io.leasehold.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Renewals and their answers as gRPC puts them on a stream: a flag for compression, four bytes of
 * length, a message of protobuf. Reads and writes without objects between. Confined to one thread,
 * since it keeps the last header in its encoded form.
 */
final class KeepAliveMessages {
  /** What stands before each message. */
  static final int PREFIX_BYTES = 5;

  /** A wire type of https://protobuf.dev/programming-guides/encoding. */
  private static final int VARINT = 0;

  private static final int REQUEST_ID = LeaseKeepAliveRequest.ID_FIELD_NUMBER << 3 | VARINT;
  private static final int ID = LeaseKeepAliveResponse.ID_FIELD_NUMBER << 3 | VARINT;
  private static final int TTL = LeaseKeepAliveResponse.TTL_FIELD_NUMBER << 3 | VARINT;

  private static final int PAYLOAD_BITS = 7;
  private static final int CONTINUES = 1 << PAYLOAD_BITS;

  private @Nullable ResponseHeader lastHeader;
  private byte[] lastHeaderField = {};

  /**
   * Reads the request in the next {@code length} bytes, which are there, and returns the lease's
   * ID. A request as clients write it is read here, any other by protobuf.
   */
  static long readRequest(ByteBuf input, int length) throws InvalidProtocolBufferException {
    int begin = input.readerIndex();
    int end = begin + length;
    input.readerIndex(end);
    if (length > 1 && input.getByte(begin) == REQUEST_ID) {
      long leaseId = 0;
      int at = begin + 1;
      for (int shift = 0; at < end && shift < Long.SIZE; shift += PAYLOAD_BITS) {
        byte next = input.getByte(at++);
        leaseId |= (long) (next & (CONTINUES - 1)) << shift;
        if (next >= 0) {
          if (at == end) {
            return leaseId;
          }
          break;
        }
      }
    }
    return LeaseKeepAliveRequest.parseFrom(input.nioBuffer(begin, length)).getID();
  }

  /**
   * Adds an answer with its prefix.
   *
   * @param ttlSeconds 0 when there is no such lease
   */
  void writeAnswer(ByteBuf output, ResponseHeader header, long leaseId, long ttlSeconds) {
    int begin = output.writerIndex();
    output.writeByte(0).writeInt(0).writeBytes(encoded(header));
    writeField(output, ID, leaseId);
    writeField(output, TTL, ttlSeconds);
    output.setInt(begin + 1, output.writerIndex() - begin - PREFIX_BYTES);
  }

  @SuppressWarnings("ReferenceEquality") // equal ones are the same while nothing happens
  private byte[] encoded(ResponseHeader header) {
    if (header != lastHeader) {
      // One message with nothing but the header is the field and no more.
      lastHeaderField = LeaseKeepAliveResponse.newBuilder().setHeader(header).build().toByteArray();
      lastHeader = header;
    }
    return lastHeaderField;
  }

  /** As protobuf has it, zero is not written. */
  private static void writeField(ByteBuf output, int tag, long value) {
    if (value == 0) {
      return;
    }
    output.writeByte(tag);
    long rest = value;
    while ((rest & -CONTINUES) != 0) {
      output.writeByte((int) (rest & (CONTINUES - 1)) | CONTINUES);
      rest >>>= PAYLOAD_BITS;
    }
    output.writeByte((int) rest);
  }
}
