package io.leasehold.bench.etcd;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.bench.wire.Method;

/** One lease a message, as etcd has it. */
final class SingleRenewals implements Renewals {
  private final LeaseRange leases;
  private final KeepAliveMessages answer = new KeepAliveMessages();

  SingleRenewals(LeaseRange leases) {
    this.leases = leases;
  }

  @Override
  public Method method() {
    return EtcdMethods.KEEP_ALIVE;
  }

  @Override
  public int count() {
    return leases.count();
  }

  @Override
  public byte[] request(int number) {
    return KeepAliveMessages.request(leases.id(number));
  }

  @Override
  public int readAnswer(ByteBuf in, int begin, int length) {
    answer.readAnswer(in, begin, length);
    return leases.index(answer.leaseId());
  }

  @Override
  public boolean isRenewed() {
    return answer.ttlSeconds() > 0;
  }
}
