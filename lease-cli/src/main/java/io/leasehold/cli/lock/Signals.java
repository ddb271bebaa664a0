package io.leasehold.cli.lock;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hears the signals that ask this process to end. The JDK has that in a class only that the
 * compiler refuses to name, so it is looked up; without it signals end the process, and the guard
 * ends the command.
 */
public final class Signals {
  /** What is heard, with the numbers that exit codes are made of. */
  public enum Signal {
    HUP(1),
    INT(2),
    TERM(15);

    private static final int SIGNALLED = 128;

    private final int number;

    Signal(int number) {
      this.number = number;
    }

    /** Returns the code that a process ends with when this ended it. */
    public int exitCode() {
      return SIGNALLED + number;
    }
  }

  private Signals() {}

  /** Tells of signals from now on, on a thread of the JVM's. */
  public static void hear(Consumer<Signal> listener) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Constructor<?> named = type.getConstructor(String.class);
      Method handle = type.getMethod("handle", type, handlerType);
      for (Signal signal : List.of(Signal.values())) {
        Object handler =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handlerType},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("handle")) {
                    listener.accept(signal);
                  }
                  return null;
                });
        Object unused = handle.invoke(null, named.newInstance(signal.name()), handler);
      }
    } catch (ReflectiveOperationException e) {
      System.getLogger(Signals.class.getName())
          .log(System.Logger.Level.DEBUG, "signals cannot be heard", e);
    }
  }
}
