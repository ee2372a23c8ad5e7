package qqclient;

import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.ObjectInputStream;
import java.net.Socket;
import java.net.SocketException;
import qqcommon.Message;
import qqcommon.MessageType;

/** Reads what the server tells, each message by a stream of its own, as the series does. */
class ClientConnectServerThread extends Thread {
    private final Socket socket;

    ClientConnectServerThread(Socket socket) {
        this.socket = socket;
    }

    Socket getSocket() {
        return socket;
    }

    @Override
    public void run() {
        while (true) {
            try {
                ObjectInputStream ois = new ObjectInputStream(socket.getInputStream());
                show((Message) ois.readObject());
            } catch (EOFException | SocketException e) {
                // The series would go round for ever here.
                QQView.say("连接结束");
                System.exit(0);
            } catch (Exception e) {
                e.printStackTrace();
            }
        }
    }

    private static void show(Message message) throws Exception {
        String type = message.getMesType();
        if (type.equals(MessageType.MESSAGE_RET_ONLINE_FRIEND)) {
            QQView.say("=======当前在线用户列表=======");
            for (String user : message.getContent().split(" ")) {
                QQView.say("用户:" + user);
            }
        } else if (type.equals(MessageType.MESSAGE_COMM_MES)) {
            QQView.say(message.getSender() + " 对 " + message.getGetter() + " 说:" + message.getContent());
        } else if (type.equals(MessageType.MESSAGE_TO_ALL_MES)) {
            QQView.say(message.getSender() + " 对大家说:" + message.getContent());
        } else if (type.equals(MessageType.MESSAGE_FILE_MES)) {
            try (FileOutputStream out = new FileOutputStream(message.getDest())) {
                out.write(message.getFileBytes());
            }
            QQView.say(message.getSender() + " 给 " + message.getGetter() + " 发文件:" + message.getSrc()
                    + " 到 " + message.getDest());
        } else {
            QQView.say("读取到的是其他类型的message,暂时不处理");
        }
    }
}
