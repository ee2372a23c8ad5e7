package records;

import java.io.ByteArrayOutputStream;
import java.io.Externalizable;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import qqcommon.Message;
import qqcommon.User;

/** Prints what a JVM writes, a line each: a name and bytes in hexadecimal. */
public class Record {
    interface Step {
        void write(ObjectOutputStream out) throws Exception;
    }

    enum Colour { RED }

    static class SubMessage extends Message {
        private static final long serialVersionUID = 1L;
    }

    static class OwnWords implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws Exception {
            out.defaultWriteObject();
            out.writeInt(7);
        }
    }

    public static class Outside implements Externalizable {
        @Override
        public void writeExternal(ObjectOutput out) throws java.io.IOException {
            out.writeInt(7);
        }

        @Override
        public void readExternal(ObjectInput in) {
        }
    }

    record Handler() implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] args) {
            return null;
        }
    }

    public static void main(String[] args) throws Exception {
        Message same = text("ann", "bob", "the same object twice");
        print("user", out -> out.writeObject(new User("ann", "correct horse")));
        print("user-without-password", out -> out.writeObject(new User("ann", null)));
        print("message", out -> out.writeObject(text("ann", "bob", "hello")));
        print("message-of-nulls", out -> out.writeObject(new Message()));
        print("words", out -> out.writeObject(text("至尊宝", "紫霞仙子", "在吗? \u0000 é \uD83D\uDE00 \u07FF\u0800")));
        print("half-a-character", out -> out.writeObject(text("ann", "bob", "<\uD83D>")));
        print("file", out -> out.writeObject(file()));
        print("one-stream", out -> {
            out.writeObject(new User("ann", "correct horse"));
            out.writeObject(of("4"));
            out.writeObject(text("ann", "bob", "one"));
            out.writeObject(text("ann", "bob", "two"));
            out.reset();
            out.writeObject(text("ann", "bob", "after a reset"));
            out.writeObject(same);
            out.writeObject(same);
            out.writeObject(of("6"));
        });
        print("files-of-one-stream", out -> {
            Message first = file();
            Message again = file();
            again.setFileBytes(first.getFileBytes());
            out.writeObject(new User("ann", "correct horse"));
            out.writeObject(first);
            out.writeObject(fileOf("/home/ann/other.txt", "another file, a little longer"));
            out.writeObject(again);
            out.writeObject(first);
            out.writeObject(text("ann", "bob", "behind the files"));
        });
        print("refused-list", out -> out.writeObject(new ArrayList<>(List.of("a"))));
        print("refused-string", out -> out.writeObject("a string"));
        print("refused-null", out -> out.writeObject(null));
        print("refused-class", out -> out.writeObject(Message.class));
        print("refused-enum", out -> out.writeObject(Colour.RED));
        print("refused-array", out -> out.writeObject(new Message[] {new Message()}));
        print("refused-bytes", out -> out.writeObject(new byte[] {1, 2}));
        print("refused-subclass", out -> out.writeObject(new SubMessage()));
        print("refused-own-words", out -> out.writeObject(new OwnWords()));
        print("refused-externalizable", out -> out.writeObject(new Outside()));
        print("refused-block-data", out -> out.writeInt(7));
        print("refused-long-block-data", out -> out.write(new byte[300]));
        print("refused-proxy", out -> out.writeObject(Proxy.newProxyInstance(
                Record.class.getClassLoader(), new Class<?>[] {Runnable.class}, new Handler())));
    }

    static Message of(String mesType) {
        Message message = new Message();
        message.setSender("ann");
        message.setMesType(mesType);
        return message;
    }

    static Message text(String sender, String getter, String content) {
        Message message = of("3");
        message.setSender(sender);
        message.setGetter(getter);
        message.setContent(content);
        message.setSendTime("Thu Sep 22 18:21:16 CST 2022");
        return message;
    }

    static Message file() {
        Message message = fileOf("C:\\notes.txt", "a small file");
        message.setDest("D:\\notes.txt");
        return message;
    }

    static Message fileOf(String src, String bytes) {
        Message message = of("8");
        message.setGetter("bob");
        message.setSrc(src);
        message.setFileBytes(bytes.getBytes());
        message.setFileLen(bytes.length());
        return message;
    }

    static void print(String name, Step step) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ObjectOutputStream out = new ObjectOutputStream(bytes);
        step.write(out);
        out.flush();
        System.out.println(name + " " + HexFormat.of().formatHex(bytes.toByteArray()));
    }
}
