package qqclient;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.Socket;

/** How objects are written: as in the series by a new stream for each, or by one stream for all. */
class Streams {
    static boolean isOneForAll = false;
    private static ObjectOutputStream one;

    private Streams() {
    }

    static synchronized void write(Socket socket, Object object) throws IOException {
        if (!isOneForAll) {
            new ObjectOutputStream(socket.getOutputStream()).writeObject(object);
            return;
        }
        if (one == null) {
            one = new ObjectOutputStream(socket.getOutputStream());
        }
        one.writeObject(object);
        one.flush();
    }
}
