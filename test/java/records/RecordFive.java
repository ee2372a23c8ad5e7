package records;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.util.HexFormat;
import qqcommon.Message;

/** Prints what a JVM writes whose `Message` has the five fields of the seed's part. */
public class RecordFive {
    public static void main(String[] args) throws Exception {
        Message message = new Message();
        message.setSender("bob");
        message.setGetter("ann");
        message.setContent("hello, ann");
        message.setSendTime("2026-11-22 00:00:00");
        message.setMesType("3");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(message);
        System.out.println("five-fields " + HexFormat.of().formatHex(bytes.toByteArray()));
    }
}
